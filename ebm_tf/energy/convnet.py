"""The MNIST network of the released code."""

import keras
import tensorflow as tf

from ebm_tf.conditions import require_condition
from ebm_tf.energy import layers
from ebm_tf.energy.condition_vectors import add_bias, condition_biases
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.networks.convnet import ConvNetConfig
from ebm_tf.energy.spectral import SpectralConv2D, SpectralDense


@keras.saving.register_keras_serializable(package="ebm_tf")
class ConvEnergy(EnergyModel):
    """Four convolutions, two dense layers; see `ConvNetConfig`.

    With 64 filters in both on 28x28x1 images it has 1,246,017 trainable parameters.

    A condition adds a bias before each activation.

    Input shapes: `[B, H, W, C]` and, if conditional, a condition. Output shape:
    `[B]`, nats.
    """

    config_class = ConvNetConfig

    def __init__(self, config: ConvNetConfig, state_shape: tuple[int, ...], **kwargs):
        super().__init__(config, state_shape, **kwargs)
        initializer = layers.kernel_initializer(config.kernel_initializer)
        self.act = layers.activation(config.activation)

        def conv(filters, size, strides, name):
            return SpectralConv2D(
                filters, size, strides, kernel_initializer=initializer, name=name
            )

        self.stem = conv(config.stem_filters, 3, 1, "stem")
        self.down_1 = conv(config.filters, 4, 2, "down_1")
        self.down_2 = conv(2 * config.filters, 4, 2, "down_2")
        self.down_3 = conv(4 * config.filters, 4, 2, "down_3")
        self.dense = SpectralDense(
            2 * config.filters, kernel_initializer=initializer, name="dense"
        )
        convs = (self.stem, self.down_1, self.down_2, self.down_3)
        widths = (*(layer.filters for layer in convs), self.dense.units)
        self.biases = condition_biases(self, widths)
        self.head = layers.head(config)
        self.build_weights()

    def call(self, x, condition=None):
        require_condition(self.condition_space, condition)
        convs = (self.stem, self.down_1, self.down_2, self.down_3)
        for index, layer in enumerate(convs):
            x = self.act(add_bias(layer(x), self.biases, index, condition))
        x = tf.reshape(x, [-1, x.shape[1] * x.shape[2] * x.shape[3]])
        x = add_bias(self.dense(x), self.biases, len(convs), condition)
        x = self.head(self.act(x))
        return tf.cast(x[:, 0], tf.float32)
