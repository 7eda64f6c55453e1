"""The Frechet distance."""

import dataclasses
from typing import ClassVar

from ebm_tf.metrics.measures import LOWER, MeasureConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class FrechetMeasure(MeasureConfig):
    """`ebm_tf.metrics.frechet`: to the Gaussian of all training images.

    It needs more images than the features are wide.
    """

    kind: ClassVar[str] = "frechet"
    better: ClassVar[dict[str, str]] = {"frechet": LOWER}

    def require(self, num, width, name):
        """Raises if a covariance of so few images has no inverse."""
        from ebm_tf.metrics.frechet import require_enough

        advice = " (or leave out the measure frechet)"
        require_enough(num, width, name, advice)

    def of(self, judged, train):
        """Returns the distance; nobody knows its error."""
        from ebm_tf.metrics import feature_sets, frechet

        found = frechet.gaussian(feature_sets.parts(judged.features))
        value = frechet.frechet_distance(train.gaussian, found)
        return {"frechet": feature_sets.Estimate(value, None)}
