"""A network of its own for each class: `E(x, y) = E_y(x)`."""

import keras
import tensorflow as tf

from ebm_tf.conditions import require_condition
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.networks.per_class import PerClassConfig


@keras.saving.register_keras_serializable(package="ebm_tf")
class PerClassEnergy(EnergyModel):
    """`E(x, y) = E_y(x)`: networks alike with weights of their own.

    All are evaluated, which costs as much as an ensemble of them, and works in
    compiled functions; a row's gradient reaches those of its class alone.

    Input shapes: states `[B, ...]` and classes, int32 `[B]`. Output shape: `[B]`, nats.

    Attributes:
        members: The network of each class.
    """

    config_class = PerClassConfig

    def __init__(self, config: PerClassConfig, state_shape: tuple[int, ...], **kwargs):
        super().__init__(config, state_shape, **kwargs)
        self.members = [
            config.network.make(state_shape, name=f"class_{number}")
            for number in range(config.num_classes)
        ]
        self.build_weights()

    def call(self, x, condition=None):
        require_condition(self.condition_space, condition)
        energies = tf.stack([member(x) for member in self.members], axis=1)
        return tf.gather(energies, condition, batch_dims=1)
