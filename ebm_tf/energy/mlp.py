"""An energy of points in a few dimensions, or of small states of many axes."""

import math

import keras
import tensorflow as tf

from ebm_tf.energy import layers
from ebm_tf.energy.config import MlpConfig
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.spectral import SpectralDense


@keras.saving.register_keras_serializable(package="ebm_tf")
class MlpEnergy(EnergyModel):
    """Dense layers of spectral norm 1 on `scale * x`; see `MlpConfig`.

    Every activation's slope is at most 1 (swish: 1.1), so the energy's gradient is
    at most `scale` times the norm of the head's kernel.

    Input shape: `[B, ...]`; of several axes the numbers of a state are put in a row.
    Output shape: `[B]`, nats.
    """

    config_class = MlpConfig

    def __init__(self, config: MlpConfig, state_shape: tuple[int, ...], **kwargs):
        super().__init__(config, state_shape, **kwargs)
        initializer = layers.kernel_initializer(config.kernel_initializer)
        self.act = layers.activation(config.activation)
        # One attribute each: tf.train.Checkpoint does not look into Python lists.
        for index, width in enumerate(config.widths):
            name = f"dense_{index + 1}"
            layer = SpectralDense(width, kernel_initializer=initializer, name=name)
            setattr(self, name, layer)
        self.head = layers.head(config)
        self.build_weights()

    def call(self, x):
        x = self.config.scale * x
        if len(self.state_shape) != 1:
            x = tf.reshape(x, [-1, math.prod(self.state_shape)])
        for index in range(len(self.config.widths)):
            x = self.act(getattr(self, f"dense_{index + 1}")(x))
        return tf.cast(self.head(x)[:, 0], tf.float32)
