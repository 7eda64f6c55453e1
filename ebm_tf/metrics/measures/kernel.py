"""The kernel distance."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.metrics.measures import LOWER, MeasureConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class KernelMeasure(MeasureConfig):
    """`ebm_tf.metrics.kernel_distance`: to as many training images.

    Attributes:
        num_blocks: Into how many blocks the images are cut, whose spread is the
            error, >= 2; each has two images or more.
    """

    kind: ClassVar[str] = "kernel"
    better: ClassVar[dict[str, str]] = {"kernel": LOWER}
    num_blocks: int = 10

    def __post_init__(self):
        checks.require_count("num_blocks", self.num_blocks, low=2)

    def require(self, num, width, name):
        """Raises if a block would have fewer than two images."""
        rule = f"at least {2 * self.num_blocks}, two for each of the blocks"
        checks.require(num >= 2 * self.num_blocks, name, rule, num)

    def of(self, judged, train):
        """Returns the distance, which may be below 0."""
        from ebm_tf.metrics.kernel_distance import kernel_distance

        sets = train.features, judged.features
        return {"kernel": kernel_distance(*sets, self.num_blocks)}
