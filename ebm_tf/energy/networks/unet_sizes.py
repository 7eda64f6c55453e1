"""What the networks shaped like a denoiser share: the sizes of a U-Net."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.energy.config import check_widths
from ebm_tf.energy.networks import ConditionConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class UNetSizes(ConditionConfig):
    """A U-Net over images. At the coarsest resolution layers see all places at once.

    Attributes:
        patch: Side of the squares of pixels that are one place of the finest
            resolution.
        widths: Channels of each resolution, the finest first; each has half the side
            of the one before.
        blocks: Residual blocks of each resolution on the way down, and up again.
        middle_blocks: Residual blocks of the coarsest, each followed by a layer that
            mixes all places.
    """

    num_axes: ClassVar[int] = 3
    patch: int
    widths: tuple[int, ...]
    blocks: int
    middle_blocks: int

    def __post_init__(self):
        super().__post_init__()
        checks.require_count("patch", self.patch, high=64)
        check_widths("widths", self.widths)
        checks.require_count("blocks", self.blocks, high=100)
        checks.require_count("middle_blocks", self.middle_blocks, high=100)

    @property
    def side(self) -> int:
        """Side in pixels of a place of the coarsest resolution."""
        return self.patch * 2 ** (len(self.widths) - 1)

    def require_states(self, state_shape, num_levels):
        """As `NetworkConfig.require_states`."""
        super().require_states(state_shape, num_levels)
        side = self.side
        rule = f"one whose places of {side} pixels divide images of {state_shape}"
        fits = all(length % side == 0 for length in state_shape[:2])
        given = (self.patch, self.widths)
        checks.require(fits, "energy.patch and energy.widths", rule, given)
