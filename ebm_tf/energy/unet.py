"""A U-Net whose outputs are summed up to the energy of an image at a noise level.

[1] Guth, Kadkhodaie and Simoncelli, Learning normalized image densities via dual
    score matching, NeurIPS 2025. https://arxiv.org/abs/2506.05310 (an energy computed
    by a network shaped like a denoiser)
[2] Tolstikhin et al., MLP-Mixer, NeurIPS 2021. https://arxiv.org/abs/2105.01601
    (a dense layer over places)
"""

import math

import keras
import tensorflow as tf

from ebm_tf import checks
from ebm_tf.energy.level_energy import LevelEnergy
from ebm_tf.energy.networks.unet import UNetConfig

_KERNEL = "lecun_normal"


class _Block(keras.layers.Layer):
    """A residual block: two 3x3 convolutions, zero at first, told level and class."""

    def __init__(self, width: int, **kwargs):
        super().__init__(**kwargs)
        self.first = keras.layers.Conv2D(
            width, 3, padding="same", kernel_initializer=_KERNEL, name="first"
        )
        self.second = keras.layers.Conv2D(
            width, 3, padding="same", kernel_initializer="zeros", name="second"
        )
        self.told = keras.layers.Dense(
            2 * width, kernel_initializer="zeros", name="told"
        )

    def call(self, x, embedded):
        told = self.told(embedded)[:, tf.newaxis, tf.newaxis]
        gain, bias = tf.split(told, 2, axis=-1)
        hidden = self.first(tf.nn.silu(x))
        return x + self.second(tf.nn.silu(hidden * (1.0 + gain) + bias))


class _Mixer(keras.layers.Layer):
    """A residual layer in which every place hears from all others [2]."""

    def __init__(self, places: int, width: int, **kwargs):
        super().__init__(**kwargs)
        self._places, self._width = places, width
        self.gain = keras.layers.Dense(width, kernel_initializer="zeros", name="gain")
        self.first = keras.layers.Dense(
            2 * places, "silu", kernel_initializer=_KERNEL, name="first"
        )
        self.second = keras.layers.Dense(
            places, kernel_initializer="zeros", name="second"
        )

    def call(self, x, embedded):
        y = x * (1.0 + self.gain(embedded)[:, tf.newaxis, tf.newaxis])
        y = tf.reshape(y, [-1, self._places, self._width])
        y = self.second(self.first(tf.transpose(y, [0, 2, 1])))
        return x + tf.reshape(tf.transpose(y, [0, 2, 1]), tf.shape(x))


@keras.saving.register_keras_serializable(package="ebm_tf")
class UNetEnergy(LevelEnergy):
    """`sum(u n + m)` over pixels, n and m the outputs of a U-Net; see `UNetConfig`.

    u is the image in units of its spread, noise included, so that the gradient of the
    energy has n itself among its terms, as the output of a denoiser [1].

    Raises:
        ValueError: If the image cannot be halved as often as there are widths.
    """

    config_class = UNetConfig

    def make_layers(self, num_features: int) -> None:
        config, channels = self.config, self.state_shape[-1]
        side = config.side
        rule = f"of height and width divisible by {side}, for this patch and widths"
        fits = all(length % side == 0 for length in self.state_shape[:2])
        checks.require(fits, "state_shape", rule, self.state_shape)
        self._num_features = num_features * channels
        height, width = (length // config.patch for length in self.state_shape[:2])
        first = config.widths[0]
        conv = {"padding": "same", "kernel_initializer": _KERNEL}
        size = 3 if config.patch == 1 else 2 * config.patch
        self.stem = keras.layers.Conv2D(first, size, config.patch, name="stem", **conv)
        self.places = self.add_weight(
            name="places", shape=(height, width, first), initializer="zeros"
        )
        self.downs = [
            keras.layers.Conv2D(width, 2, 2, name=f"down_{level}", **conv)
            for level, width in enumerate(config.widths[1:], 1)
        ]
        self.ups = [
            keras.layers.Conv2DTranspose(width, 2, 2, name=f"up_{level}", **conv)
            for level, width in enumerate(config.widths[:-1])
        ]
        self.encoder, self.decoder = (
            [
                [_Block(width, name=f"{way}_{level}_{i}") for i in range(config.blocks)]
                for level, width in enumerate(config.widths[:-1])
            ]
            for way in ("encoder", "decoder")
        )
        last = config.widths[-1]
        coarse = math.prod(self.state_shape[:2]) // side**2
        self.middle = [_Block(last, name=f"middle_{i}") for i in self._middle]
        self.mixers = [_Mixer(coarse, last, name=f"mixer_{i}") for i in self._middle]
        self.head = keras.layers.Conv2DTranspose(
            2 * channels,
            size,
            config.patch,
            padding="same",
            kernel_initializer="zeros",
            name="head",
        )

    @property
    def _middle(self) -> range:
        return range(self.config.middle_blocks)

    def correction(self, features, embedded):
        unit = features[..., 0]
        x = tf.reshape(features, [-1, *self.state_shape[:2], self._num_features])
        x = self.stem(x) + tf.convert_to_tensor(self.places)
        seen = []
        for level, down in enumerate(self.downs):
            for block in self.encoder[level]:
                x = block(x, embedded)
            seen.append(x)
            x = down(x)
        for block, mixer in zip(self.middle, self.mixers, strict=True):
            x = mixer(block(x, embedded), embedded)
        for level in reversed(range(len(self.ups))):
            x = self.ups[level](x) + seen[level]
            for block in self.decoder[level]:
                x = block(x, embedded)
        inner, alone = tf.split(self.head(tf.nn.silu(x)), 2, axis=-1)
        return tf.reduce_sum(unit * inner + alone, axis=[1, 2, 3])
