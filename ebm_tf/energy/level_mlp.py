"""Dense layers that correct a base at noise levels, for points."""

import math

import keras
import tensorflow as tf

from ebm_tf.energy.level_energy import LevelEnergy
from ebm_tf.energy.networks.level_mlp import LevelMlpConfig


@keras.saving.register_keras_serializable(package="ebm_tf")
class LevelMlpEnergy(LevelEnergy):
    """Dense layers with smooth slopes on the base's features; see `LevelMlpConfig`.

    The level and the class add to the input of each layer.
    """

    config_class = LevelMlpConfig

    def make_layers(self, num_features: int) -> None:
        widths = self.config.widths
        self._num_inputs = num_features * math.prod(self.state_shape)
        self.hidden, self.told = (
            [
                keras.layers.Dense(
                    width, kernel_initializer="lecun_normal", name=f"{name}_{number}"
                )
                for number, width in enumerate(widths, 1)
            ]
            for name in ("hidden", "told")
        )
        self.head = keras.layers.Dense(1, kernel_initializer="zeros", name="head")

    def correction(self, features, embedded):
        x = tf.reshape(features, [-1, self._num_inputs])
        for layer, told in zip(self.hidden, self.told, strict=True):
            x = tf.nn.silu(layer(x) + told(embedded))
        return self.head(x)[:, 0]
