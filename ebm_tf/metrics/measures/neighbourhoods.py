"""Precision, recall, density and coverage."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.metrics.measures import HIGHER, ONE, MeasureConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class NeighbourhoodsMeasure(MeasureConfig):
    """`ebm_tf.metrics.neighbourhoods`: among as many training images.

    Attributes:
        num_nearest: To which nearest neighbour the ball around an image reaches.
    """

    kind: ClassVar[str] = "neighbourhoods"
    better: ClassVar[dict[str, str]] = {
        "precision": HIGHER,
        "recall": HIGHER,
        "density": ONE,
        "coverage": HIGHER,
    }
    num_nearest: int = 5

    def __post_init__(self):
        checks.require_count("num_nearest", self.num_nearest)

    def require(self, num, width, name):
        """Raises if an image has no such neighbour."""
        rule = f"above {self.num_nearest}, the neighbours of an image"
        checks.require(num > self.num_nearest, name, rule, num)

    def of(self, judged, train):
        """Returns the four numbers."""
        from ebm_tf.metrics.neighbourhoods import neighbourhoods

        sets = train.features, judged.features
        return neighbourhoods(*sets, self.num_nearest)._asdict()
