"""Numbers that compare images by their features: settings, one file each.

A file here derives from `MeasureConfig`, says a `kind`, what its numbers are called and
which way is better, and has `of`. It imports no TensorFlow. To add a measure is to add
this file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from ebm_tf.registry import Registered

if TYPE_CHECKING:  # what is imported to list measures is free of NumPy too
    import numpy as np

    from ebm_tf.metrics.feature_sets import Estimate, Features
    from ebm_tf.metrics.frechet import Gaussian

LOWER, HIGHER, ONE = "lower", "higher", "near 1"


class Reference(NamedTuple):
    """What images are compared with.

    Attributes:
        features: Of as many training images as are judged, float32 `[N, width]`.
        gaussian: Of all training images.
    """

    features: np.ndarray
    gaussian: Gaussian


class MeasureConfig(Registered, what="measure", package="ebm_tf.metrics.measures"):
    """Settings of a measure; each kind is a frozen dataclass that derives from it.

    Attributes:
        better: Which way is better, of each of its numbers by name: `LOWER`, `HIGHER`
            or `ONE`.
    """

    better: ClassVar[dict[str, str]]

    def require(self, num: int, width: int, name: str) -> None:
        """Raises if there are too few images.

        Args:
            num: How many are judged, and how many stand beside them.
            width: Of the features.
            name: What messages call the number of images.

        Raises:
            ValueError: If so; now, before hours are spent on them.
        """

    def of(self, judged: Features, train: Reference) -> dict[str, Estimate]:
        """Returns the numbers of some images.

        Args:
            judged: What the network makes of them, in no particular order.
            train: What they are compared with.

        Returns:
            Estimates by the names of `better`.
        """
        raise NotImplementedError
