"""The mean of networks alike."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.energy.config import MAX_LAYERS
from ebm_tf.energy.networks import ConditionOfParts, NetworkConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class EnsembleConfig(ConditionOfParts, NetworkConfig):
    """The mean of networks alike, trained and sampled as one energy (A.12).

    Attributes:
        num_members: How many, 2 to 1,000, each with weights of its own.
        network: One of them.
    """

    kind: ClassVar[str] = "ensemble"
    num_members: int
    network: NetworkConfig

    def __post_init__(self):
        checks.require_count("num_members", self.num_members, low=2, high=MAX_LAYERS)

    def num_activations(self, state_shape):
        """As `NetworkConfig.num_activations`."""
        return self.num_members * self.network.num_activations(state_shape)

    def require_states(self, state_shape, num_levels):
        """As `NetworkConfig.require_states`."""
        super().require_states(state_shape, num_levels)
        self.network.require_states(state_shape, num_levels)

    @classmethod
    def network_class(cls):
        """Returns the class of the networks; imports TensorFlow."""
        from ebm_tf.energy.ensemble import EnsembleEnergy

        return EnsembleEnergy
