"""The dSprites network of the released code."""

import keras
import tensorflow as tf

from ebm_tf.conditions import require_condition
from ebm_tf.energy import layers
from ebm_tf.energy.config import SpritesNetConfig
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.spectral import SpectralConv2D, SpectralDense


@keras.saving.register_keras_serializable(package="ebm_tf")
class SpritesNetEnergy(EnergyModel):
    """Five convolutions, two dense layers; see `SpritesNetConfig`.

        h = act(stem(x))
        h = act(gain_k * conv_k(h + bias_k))    for each of four; the gain in the third

    With 64 filters, 64x64x1 images and labels of one number it has 951,425 trainable
    parameters. For a conditional network `gain` is what the label gives, plus
    `gain_shift`.

    Input shapes: `[B, H, W, C]` and, if conditional, labels: `int32 [B]`, or
    `float32 [B, K]`. Output shape: `[B]`, nats.
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
        for number, channels in enumerate(widths, 1):
            name = f"bias_{number}"
            setattr(self, name, layers.vectors(self, name, channels, "zeros"))
        self.gain = layers.vectors(self, "gain", 2 * filters, "ones")
        self.gain_shift = None
        if self.condition_space is not None:
            self.gain_shift = self.add_weight(
                name="gain_shift", shape=(2 * filters,), initializer="zeros"
            )
        self.dense = SpectralDense(
            2 * filters, kernel_initializer=initializer, name="dense"
        )
        self.head = layers.head(config)
        self.build_weights()

    def call(self, x, labels=None):
        require_condition(self.condition_space, labels)

        def down(x, conv, bias):
            return conv(x + layers.of_labels(bias, labels))

        gain = layers.of_labels(self.gain, labels)
        if self.gain_shift is not None:
            gain += tf.convert_to_tensor(self.gain_shift)
        x = self.act(self.stem(x))
        x = self.act(down(x, self.down_1, self.bias_1))
        x = self.act(down(x, self.down_2, self.bias_2))
        x = self.act(gain * down(x, self.down_3, self.bias_3))
        x = self.act(down(x, self.down_4, self.bias_4))
        x = tf.reshape(x, [-1, x.shape[1] * x.shape[2] * x.shape[3]])
        x = self.head(self.act(self.dense(x)))
        return tf.cast(x[:, 0], tf.float32)
