"""A network shaped like a denoiser, for images, without noise levels."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.energy.config import check_widths
from ebm_tf.energy.networks import ConditionConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class PotentialConfig(ConditionConfig):
    """A U-Net whose output, some numbers a pixel, is summed up to an energy.

    One energy for states with and without noise: how much there is, the network finds
    out by itself, from the root mean squares of filters over all places. Without
    spectral normalization. At the coarsest resolution layers see all places at once.

    Attributes:
        embedding: Width of the vector that says how much noise there is, and which
            class, to every layer.
        patch: Side of the squares of pixels that are one place of the finest
            resolution.
        widths: Channels of each resolution, the finest first; each has half the side
            of the one before.
        blocks: Residual blocks of each resolution on the way down, and up again.
        middle_blocks: Residual blocks of the coarsest, each followed by a layer that
            mixes all places.
    """

    kind: ClassVar[str] = "potential"
    num_axes: ClassVar[int] = 3
    embedding: int
    patch: int
    widths: tuple[int, ...]
    blocks: int
    middle_blocks: int

    def __post_init__(self):
        super().__post_init__()
        checks.require_count("embedding", self.embedding)
        checks.require_count("patch", self.patch, high=64)
        check_widths("widths", self.widths)
        checks.require_count("blocks", self.blocks, high=100)
        checks.require_count("middle_blocks", self.middle_blocks, high=100)
        rule = "null: the network finds them out by itself"
        checks.require(
            self.noise_levels is None, "noise_levels", rule, self.noise_levels
        )

    @classmethod
    def network_class(cls):
        """Returns the class of the networks; imports TensorFlow."""
        from ebm_tf.energy.potential import PotentialEnergy

        return PotentialEnergy
