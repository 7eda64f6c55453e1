"""A network of its own for each class."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.energy.networks import NetworkConfig

_MAX_CLASSES = 1000


@dataclasses.dataclass(frozen=True, kw_only=True)
class PerClassConfig(NetworkConfig):
    """A network of its own for each class, all alike: no class changes another's.

    Attributes:
        num_classes: How many, 2 to 1,000.
        network: That of one class, without a condition.
    """

    kind: ClassVar[str] = "per_class"
    num_classes: int
    network: NetworkConfig

    def __post_init__(self):
        checks.require_count("num_classes", self.num_classes, low=2, high=_MAX_CLASSES)
        inner = self.network
        found = inner.num_classes, inner.label_dims, inner.noise_levels
        rule = "without a condition of its own"
        checks.require(not any(found), "network", rule, inner.kind)

    @property
    def num_axes(self) -> int | None:
        """Axes of the states that it takes, or None for any."""
        return self.network.num_axes

    def num_activations(self, state_shape):
        """As `NetworkConfig.num_activations`."""
        return self.num_classes * self.network.num_activations(state_shape)

    @classmethod
    def network_class(cls):
        """Returns the class of the networks; imports TensorFlow."""
        from ebm_tf.energy.per_class import PerClassEnergy

        return PerClassEnergy
