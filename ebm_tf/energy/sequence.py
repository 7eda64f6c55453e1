"""An energy of sequences of states, such as the trajectories of a robot."""

import keras
import tensorflow as tf

from ebm_tf.energy import layers
from ebm_tf.energy.config import SequenceConfig
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.spectral import SpectralConv1D


@keras.saving.register_keras_serializable(package="ebm_tf")
class SequenceEnergy(EnergyModel):
    """Convolutions in time of spectral norm 1; see `SequenceConfig`.

    Input shape: `[B, T, D]`. Output shape: `[B]`, nats.
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
        # One attribute each: tf.train.Checkpoint does not look into Python lists.
        for number, filters in enumerate(config.filters, 1):
            setattr(self, f"down_{number}", conv(filters, 2, f"down_{number}"))
        self.head = layers.head(config)
        self.build_weights()

    def call(self, x):
        x = self.act(self.stem(x))
        for number in range(1, len(self.config.filters) + 1):
            x = self.act(getattr(self, f"down_{number}")(x))
        return tf.cast(self.head(tf.reduce_sum(x, 1))[:, 0], tf.float32)
