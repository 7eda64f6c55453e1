"""The Inception score."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.metrics.measures import HIGHER, MeasureConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class InceptionScoreMeasure(MeasureConfig):
    """`ebm_tf.metrics.inception_score`: it looks at no training image.

    Attributes:
        num_blocks: How many blocks of images are left out in turn, for the error.
    """

    kind: ClassVar[str] = "inception_score"
    better: ClassVar[dict[str, str]] = {"inception_score": HIGHER}
    num_blocks: int = 10

    def __post_init__(self):
        checks.require_count("num_blocks", self.num_blocks, low=2)

    def require(self, num, width, name):
        """Raises if there are fewer images than blocks."""
        rule = f"at least {self.num_blocks}, the blocks"
        checks.require(num >= self.num_blocks, name, rule, num)

    def of(self, judged, train):
        """Returns the score."""
        from ebm_tf.metrics.inception_score import inception_score

        return {"inception_score": inception_score(judged.probs, self.num_blocks)}
