"""A network in one file, as a user would add it: its settings and its Keras class."""

import dataclasses
import functools
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.energy.networks import NetworkConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class BowlConfig(NetworkConfig):
    """`E(x) = stiffness * |x - center|**2 / 2`, with a center that is learned."""

    kind: ClassVar[str] = "bowl"
    stiffness: float

    def __post_init__(self):
        checks.require_number("stiffness", self.stiffness, above=0)

    @classmethod
    def network_class(cls):
        """Returns the class of the networks; imports TensorFlow."""
        return _bowl_energy()


@functools.cache
def _bowl_energy():
    import keras
    import tensorflow as tf

    from ebm_tf.energy.model import EnergyModel

    @keras.saving.register_keras_serializable(package="plugin")
    class BowlEnergy(EnergyModel):
        config_class = BowlConfig

        def __init__(self, config, state_shape, **kwargs):
            super().__init__(config, state_shape, **kwargs)
            self.center = self.add_weight(name="center", shape=state_shape)
            self.build_weights()

        def call(self, x):
            away = x - tf.convert_to_tensor(self.center)
            axes = range(1, len(x.shape))
            return 0.5 * self.config.stiffness * tf.reduce_sum(away**2, axis=axes)

    return BowlEnergy
