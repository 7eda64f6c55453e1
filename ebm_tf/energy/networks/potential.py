"""A network shaped like a denoiser, for images, without noise levels."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.energy.networks.unet_sizes import UNetSizes


@dataclasses.dataclass(frozen=True, kw_only=True)
class PotentialConfig(UNetSizes):
    """A U-Net whose output, some numbers a pixel, is summed up to an energy.

    One energy for states with and without noise: how much there is, the network finds
    out by itself, from the root mean squares of filters over all places. Without
    spectral normalization.

    Attributes:
        embedding: Width of the vector that says how much noise there is, and which
            class, to every layer.
    """

    kind: ClassVar[str] = "potential"
    embedding: int

    def __post_init__(self):
        super().__post_init__()
        checks.require_count("embedding", self.embedding)
        rule = "null: the network finds them out by itself"
        checks.require(
            self.noise_levels is None, "noise_levels", rule, self.noise_levels
        )

    @classmethod
    def network_class(cls):
        """Returns the class of the networks; imports TensorFlow."""
        from ebm_tf.energy.potential import PotentialEnergy

        return PotentialEnergy
