"""ResNet-50 with weights at random: how images get in, and what is refused."""

import keras
import numpy as np
import pytest

from ebm_tf.box import PIXELS
from ebm_tf.metrics.features import FeatureConfig
from ebm_tf.metrics.features.resnet50 import ResNet50Features, network_of


def test_it_takes_colours_and_grey_images_alike():
    keras.utils.set_random_seed(1)
    model = keras.applications.ResNet50(weights=None)
    grey = np.random.default_rng(0).integers(0, 256, [2, 12, 12, 1]).astype(np.uint8)
    found = network_of(model, PIXELS)(np.repeat(grey, 3, axis=-1))
    assert found.features.shape == (2, ResNet50Features.width)
    assert found.probs.shape == (2, 1000)
    np.testing.assert_allclose(found.probs.sum(axis=1), 1.0, rtol=1e-4)
    # The mean over places of what the last block gives, by Keras's own preparation.
    large = keras.ops.image.resize(
        np.repeat(grey, 3, axis=-1).astype(np.float32), (224, 224), "bicubic"
    )
    prepared = keras.applications.resnet50.preprocess_input(
        np.clip(np.array(large), 0.0, 255.0)
    )
    last = keras.Model(model.input, model.get_layer("conv5_block3_out").output)
    mean = np.mean(last.predict_on_batch(prepared), axis=(1, 2))
    np.testing.assert_allclose(found.features, mean, rtol=2e-2, atol=1e-4)


def test_other_files_and_states_are_refused(tmp_path):
    assert FeatureConfig.of_kind("resnet50") is ResNet50Features
    missing = ResNet50Features(path=str(tmp_path / "no.h5"))
    with pytest.raises(FileNotFoundError, match="weights of resnet50"):
        missing.require((8, 8, 3), True)
    path = tmp_path / "weights.h5"
    path.write_bytes(b"cut")
    cut = ResNet50Features(path=str(path))
    with pytest.raises(ValueError, match=r"must be Keras's resnet50_weights.* MD5"):
        cut.require((8, 8, 3), True)
    with pytest.raises(ValueError, match="one channel or three"):
        cut.require((8, 8, 2), True)
    assert cut.told((8, 8, 1)) and not cut.told((8, 8, 3))
