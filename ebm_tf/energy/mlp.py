"""An energy of points in a few dimensions, or of small states of any shape."""

import math

import keras
import tensorflow as tf

from ebm_tf.conditions import require_condition
from ebm_tf.energy import layers
from ebm_tf.energy.condition_vectors import add_bias, condition_biases
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.networks.mlp import MlpConfig
from ebm_tf.energy.spectral import SpectralDense


@keras.saving.register_keras_serializable(package="ebm_tf")
class MlpEnergy(EnergyModel):
    """Dense layers of spectral norm 1 on `scale * x`; see `MlpConfig`.

    Every activation's slope is at most 1 (swish: 1.1), so the energy's gradient is
    at most `scale` times the norm of the head's kernel.

    Of states of several axes the numbers are put in a row. A condition adds a bias
    before each activation.

    Input shapes: `[B, ...]` and, if conditional, a condition. Output shape: `[B]`,
    nats.
    """

    config_class = MlpConfig

    def __init__(self, config: MlpConfig, state_shape: tuple[int, ...], **kwargs):
        super().__init__(config, state_shape, **kwargs)
        initializer = layers.kernel_initializer(config.kernel_initializer)
        self.act = layers.activation(config.activation)
        self.hidden = [
            SpectralDense(width, kernel_initializer=initializer, name=f"dense_{number}")
            for number, width in enumerate(config.widths, 1)
        ]
        self.biases = condition_biases(self, config.widths)
        self.head = layers.head(config)
        self.build_weights()

    def call(self, x, condition=None):
        require_condition(self.condition_space, condition)
        x = self.config.scale * x
        if len(self.state_shape) != 1:
            x = tf.reshape(x, [-1, math.prod(self.state_shape)])
        for index, layer in enumerate(self.hidden):
            x = self.act(add_bias(layer(x), self.biases, index, condition))
        return tf.cast(self.head(x)[:, 0], tf.float32)
