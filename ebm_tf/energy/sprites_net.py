"""The dSprites network of the released code."""

import keras
import tensorflow as tf

from ebm_tf.conditions import parts_of, require_condition
from ebm_tf.energy import layers
from ebm_tf.energy.condition_vectors import ConditionVector
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.networks.sprites_net import SpritesNetConfig
from ebm_tf.energy.spectral import SpectralConv2D, SpectralDense


@keras.saving.register_keras_serializable(package="ebm_tf")
class SpritesNetEnergy(EnergyModel):
    """Five convolutions, two dense layers; see `SpritesNetConfig`.

        h = act(stem(x))
        h = act(gain_k * conv_k(h + bias_k))    for each of four; the gain in the third

    With 64 filters, 64x64x1 images and labels of one number it has 951,425 trainable
    parameters. Biases and gain depend on the condition; where there are labels,
    `gain_shift` is added to the gain.

    Input shapes: `[B, H, W, C]` and, if conditional, a condition. Output shape:
    `[B]`, nats.
    """

    config_class = SpritesNetConfig

    def __init__(
        self, config: SpritesNetConfig, state_shape: tuple[int, ...], **kwargs
    ):
        super().__init__(config, state_shape, **kwargs)
        initializer = layers.kernel_initializer(config.kernel_initializer)
        self.act = layers.activation(config.activation)

        def conv(filters, size, strides, name):
            return SpectralConv2D(
                filters, size, strides, kernel_initializer=initializer, name=name
            )

        filters = config.filters
        self.stem = conv(filters // 2, 3, 1, "stem")
        self.down_1 = conv(filters, 4, 2, "down_1")
        self.down_2 = conv(2 * filters, 4, 2, "down_2")
        self.down_3 = conv(2 * filters, 4, 2, "down_3")
        self.down_4 = conv(2 * filters, 4, 2, "down_4")
        widths = (filters // 2, filters, 2 * filters, 2 * filters)
        self.biases = [
            ConditionVector(self, f"bias_{number}", channels, "zeros")
            for number, channels in enumerate(widths, 1)
        ]
        self.gain = ConditionVector(self, "gain", 2 * filters, "ones")
        self.gain_shift = None
        if "labels" in parts_of(self.condition_space):
            self.gain_shift = self.add_weight(
                name="gain_shift", shape=(2 * filters,), initializer="zeros"
            )
        self.dense = SpectralDense(
            2 * filters, kernel_initializer=initializer, name="dense"
        )
        self.head = layers.head(config)
        self.build_weights()

    def call(self, x, condition=None):
        require_condition(self.condition_space, condition)
        gain = self.gain.at(condition, x.shape.rank)
        if self.gain_shift is not None:
            gain += tf.convert_to_tensor(self.gain_shift)
        x = self.act(self.stem(x))
        downs = (self.down_1, self.down_2, self.down_3, self.down_4)
        for conv, bias in zip(downs, self.biases, strict=True):
            h = conv(x + bias.at(condition, x.shape.rank))
            x = self.act(gain * h if conv is self.down_3 else h)
        x = tf.reshape(x, [-1, x.shape[1] * x.shape[2] * x.shape[3]])
        x = self.head(self.act(self.dense(x)))
        return tf.cast(x[:, 0], tf.float32)
