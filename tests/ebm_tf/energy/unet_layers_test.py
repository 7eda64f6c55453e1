"""What a model with the layers of a U-Net says of each pixel."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.energy.networks.unet_sizes import UNetSizes
from ebm_tf.energy.unet_layers import UNetLayers

CONFIG = UNetSizes(patch=2, widths=(3, 4), blocks=1, middle_blocks=1)


class _Model(UNetLayers, keras.Model):
    def __init__(self, shape):
        super().__init__()
        self.make_unet(CONFIG, shape, 2, 3)

    def call(self, x, embedded):
        return self.unet(x, embedded)


def test_it_says_so_many_numbers_a_pixel_and_is_told():
    model = _Model((8, 12, 1))
    # Any shape of so many numbers does: here two channels of each pixel.
    x = tf.random.stateless_normal([2, 8, 12, 1, 2], [0, 0])
    told = tf.constant([[0.0], [1.0]])
    np.testing.assert_array_equal(model(x, told), np.zeros([2, 8, 12, 3]))
    draw = np.random.default_rng(0)
    for weight in model.trainable_weights:
        weight.assign(draw.normal(0.0, 0.3, weight.shape))
    same = tf.repeat(x[:1], 2, axis=0)
    first, second = model(same, told).numpy()
    assert np.abs(first - second).max() > 1e-3


def test_sides_that_cannot_be_halved_are_refused():
    with pytest.raises(ValueError, match="divisible by 4, for this patch and widths"):
        _Model((8, 10, 1))
