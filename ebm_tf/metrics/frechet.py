"""The Frechet distance between the Gaussians that two sets of features have.

    |mean_1 - mean_2|^2 + tr(C_1 + C_2 - 2 (C_1 C_2)^(1/2))

0 for equal means and covariances. It is the squared 2-Wasserstein distance of the two
Gaussians, whatever the features are like otherwise.

Of a finite number of images it is too large, the more so the wider the features: the
same number of real images stands beside it to tell by how much.

References: Dowson & Landau, 1982; Heusel et al., 2017; the bias: Chong & Forsyth, 2020.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import scipy.linalg

from ebm_tf import checks
from ebm_tf.likelihood.moments import Moments
from ebm_tf.metrics import feature_sets


class Gaussian(NamedTuple):
    """What the distance looks at.

    Attributes:
        mean: float64 `[width]`.
        covariance: float64 `[width, width]`, unbiased.
        num: Of how many images.
    """

    mean: np.ndarray
    covariance: np.ndarray
    num: int


def require_enough(num: int, width: int, name: str, advice: str = "") -> None:
    """Raises unless a covariance of features has an inverse.

    Args:
        num: Number of images.
        width: Of the features.
        name: What the message calls the number.
        advice: What the message says in the end.

    Raises:
        ValueError: If there are no more images than features.
    """
    rule = f"above {width}, the width of the features, whose covariance has no inverse"
    checks.require(num > width, name, f"{rule} otherwise{advice}", num)


def gaussian(parts: Iterable[np.ndarray]) -> Gaussian:
    """Goes once through features, and keeps none.

    Args:
        parts: `[n, width]`, some thousand rows at a time.

    Raises:
        ValueError: If there are fewer than two rows, of other widths, or not finite.
    """
    found = Moments()
    for part in parts:
        part = feature_sets.require_set(part, "features")
        if found.num:
            feature_sets.require_width(part, len(found.mean), "features")
        found.add(np.asarray(part, np.float64))
    return Gaussian(found.mean, found.covariance, found.num)


def frechet_distance(first: Gaussian, second: Gaussian) -> float:
    """Returns the distance, >= 0, in squared units of the features.

    Args:
        first: Of one set of images.
        second: Of the other; the order does not matter.

    Raises:
        ValueError: If the widths differ, or one has no more images than features.
    """
    width = len(first.mean)
    feature_sets.require_width(second.mean, width, "second")
    for name, each in (("first", first), ("second", second)):
        require_enough(each.num, width, f"{name}.num")
    gap = first.mean - second.mean
    traces = np.trace(first.covariance) + np.trace(second.covariance)
    # The trace of a root of C_1 C_2, which need not be symmetric, is the sum of the
    # singular values of R_1 R_2 with R R = C. No matrix has to be inverted for it.
    product = _root(first.covariance) @ _root(second.covariance)
    both = scipy.linalg.svdvals(product, overwrite_a=True, check_finite=False).sum()
    return max(0.0, float(gap @ gap + traces - 2.0 * both))


def _root(covariance: np.ndarray) -> np.ndarray:
    """Returns the symmetric root; what rounding takes below zero is zero."""
    values, vectors = scipy.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
