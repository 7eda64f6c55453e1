"""An energy of sequences of states, such as the trajectories of a robot."""

import keras
import tensorflow as tf

from ebm_tf.conditions import require_condition
from ebm_tf.energy import layers
from ebm_tf.energy.condition_vectors import add_bias, condition_biases
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.networks.sequence import SequenceConfig
from ebm_tf.energy.spectral import SpectralConv1D


@keras.saving.register_keras_serializable(package="ebm_tf")
class SequenceEnergy(EnergyModel):
    """Convolutions in time of spectral norm 1; see `SequenceConfig`.

    A condition adds a bias before each activation.

    Input shapes: `[B, T, D]` and, if conditional, a condition. Output shape: `[B]`,
    nats.
    """

    config_class = SequenceConfig

    def __init__(self, config: SequenceConfig, state_shape: tuple[int, ...], **kwargs):
        super().__init__(config, state_shape, **kwargs)
        initializer = layers.kernel_initializer(config.kernel_initializer)
        self.act = layers.activation(config.activation)

        def conv(filters, strides, name):
            return SpectralConv1D(
                filters,
                config.kernel_size,
                strides,
                use_bias=True,
                kernel_initializer=initializer,
                name=name,
            )

        self.stem = conv(config.filters[0], 1, "stem")
        self.downs = [
            conv(filters, 2, f"down_{number}")
            for number, filters in enumerate(config.filters, 1)
        ]
        self.biases = condition_biases(self, (config.filters[0], *config.filters))
        self.head = layers.head(config)
        self.build_weights()

    def call(self, x, condition=None):
        require_condition(self.condition_space, condition)
        for index, layer in enumerate((self.stem, *self.downs)):
            x = self.act(add_bias(layer(x), self.biases, index, condition))
        return tf.cast(self.head(tf.reduce_sum(x, 1))[:, 0], tf.float32)
