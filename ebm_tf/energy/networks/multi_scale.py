"""The sum of networks, each at another resolution."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.energy.networks import ConditionOfParts, NetworkConfig, halved


@dataclasses.dataclass(frozen=True, kw_only=True)
class MultiScaleConfig(ConditionOfParts, NetworkConfig):
    """The sum of networks alike, each on the image at half the resolution before.

    Attributes:
        num_scales: How many, each with weights of its own: 3 sees the image whole,
            at half and at a quarter of its height and width.
        network: One of them.
    """

    kind: ClassVar[str] = "multi_scale"
    num_scales: int
    network: NetworkConfig

    def __post_init__(self):
        # The last sees the image at a 2**15th of its size, which is one pixel.
        checks.require_count("num_scales", self.num_scales, low=2, high=16)
        checks.require(
            self.num_axes in (3, None),
            "network",
            "one for images, states of 3 axes",
            self.network.kind,
        )

    def num_activations(self, state_shape):
        """As `NetworkConfig.num_activations`."""
        total, (*places, channels) = 0, state_shape
        for _ in range(self.num_scales):
            total += self.network.num_activations((*places, channels))
            places = halved(places)
        return total

    @classmethod
    def network_class(cls):
        """Returns the class of the networks; imports TensorFlow."""
        from ebm_tf.energy.multi_scale import MultiScaleEnergy

        return MultiScaleEnergy
