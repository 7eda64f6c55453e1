"""The features of the Inception graph, on a small one with its names."""

import hashlib

import numpy as np
import pytest

from ebm_tf import settings
from ebm_tf.box import PIXELS
from ebm_tf.metrics import features
from ebm_tf.metrics.features.inception_2015 import Inception2015Features
from tests.ebm_tf.metrics import small_inception


def config_of(path) -> Inception2015Features:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Inception2015Features(path=str(path), sha256=digest)


def test_features_are_those_of_the_graph(tmp_path):
    small_inception.write(tmp_path / "graph.pb")
    config = config_of(tmp_path / "graph.pb")
    config.require((8, 8, 1), True)
    grey = np.random.default_rng(0).integers(0, 256, [3, 8, 8, 1]).astype(np.uint8)
    network = config.network(PIXELS)
    found = features.extract(network, grey.__getitem__, 3, config)
    expected = small_inception.expected(np.repeat(grey, 3, axis=3))
    np.testing.assert_allclose(found.features, expected[0], rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(found.probs, expected[1], rtol=1e-3, atol=1e-5)
    assert "repeated" in config.told((8, 8, 1)) and not config.told((8, 8, 3))


def test_a_file_that_is_not_the_one_named_is_refused(tmp_path):
    path = tmp_path / "graph.pb"
    path.write_bytes(b"something")
    config = config_of(path)
    with pytest.raises(ValueError, match="graph.pb holds no Inception graph of 2015"):
        config.network(PIXELS)
    path.write_bytes(b"something else")
    for call in (
        lambda: config.require((8, 8, 3), True),
        lambda: config.network(PIXELS),
    ):
        with pytest.raises(ValueError, match="must be the weights of inception_2015"):
            call()


@pytest.mark.parametrize("digest", ["", "0" * 63, "G" * 64])
def test_the_digest_is_part_of_the_settings(digest):
    data = {"kind": "inception_2015", "path": "graph.pb", "sha256": digest}
    with pytest.raises(ValueError, match="`sha256` must be 64 hexadecimal digits"):
        settings.from_dict(features.FeatureConfig, data)
    config = settings.from_dict(features.FeatureConfig, data | {"sha256": "0" * 64})
    assert settings.display_fields(config) == ["path"]
