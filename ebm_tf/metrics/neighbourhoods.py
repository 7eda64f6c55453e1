"""Are samples where data are, and are there samples wherever data are?

A set covers balls around each of its images, each reaching to the k-th nearest other
image of the same set.

  precision  share of samples in a ball of a real image
  recall     share of real images in a ball of a sample
  density    real balls that a sample is in, over k, on average: 1 for real images
  coverage   share of real balls with a sample in them

One outlier among real images has a ball so large that precision counts much as good;
density and coverage do not hang on single balls. All four depend on the numbers of
images: k-th neighbours are nearer among more.

References: Kynkaanniemi et al., 2019 (precision, recall); Naeem et al., 2020 (density,
coverage).
"""

from typing import NamedTuple

import numpy as np
from sklearn.metrics import pairwise_distances_chunked

from ebm_tf import checks
from ebm_tf.metrics import feature_sets
from ebm_tf.metrics.feature_sets import Estimate

# Memory of the distances that there are at one time, MiB.
_WORKING_MEMORY = 64


class Neighbourhoods(NamedTuple):
    """The four numbers.

    Attributes:
        precision: In [0, 1]; its error is of the samples, the real images given.
        recall: In [0, 1].
        density: >= 0, above 1 if samples crowd where real images are dense; error
            as that of `precision`.
        coverage: In [0, 1].
    """

    precision: Estimate
    recall: Estimate
    density: Estimate
    coverage: Estimate


def neighbourhoods(
    train: np.ndarray, samples: np.ndarray, num_neighbours: int
) -> Neighbourhoods:
    """Returns precision, recall, density and coverage.

    Memory is that of the features in float64, and 64 MiB for distances, a block of
    samples at a time.

    Args:
        train: Features of real images `[M, width]`.
        samples: Features `[N, width]`.
        num_neighbours: The k, >= 1, below M and N.

    Raises:
        ValueError: If widths differ, or a set has no k neighbours of an image.
    """
    checks.require_count("num_neighbours", num_neighbours)
    least = num_neighbours + 1
    train, samples = feature_sets.require_pair(train, samples, least)
    # About a common centre, so that little cancels in |a|^2 - 2 a.b + |b|^2.
    centre = np.mean(train, axis=0, dtype=np.float64)
    train, samples = (each.astype(np.float64) - centre for each in (train, samples))
    of_train = _radii(train, num_neighbours)
    of_samples = _radii(samples, num_neighbours)
    num_around, first = np.zeros(len(samples), np.int64), 0  # real balls, by sample
    is_recalled = np.zeros(len(train), bool)
    is_covered = np.zeros(len(train), bool)
    for block in _chunked(samples, train):
        rows = slice(first, first + len(block))
        within = block <= of_train
        num_around[rows] = within.sum(axis=1)
        is_covered |= within.any(axis=0)
        is_recalled |= (block <= of_samples[rows, None]).any(axis=0)
        first = rows.stop
    return Neighbourhoods(
        _mean(num_around > 0),
        Estimate(float(is_recalled.mean()), None),
        _mean(num_around / num_neighbours),
        Estimate(float(is_covered.mean()), None),
    )


def _radii(features: np.ndarray, num: int) -> np.ndarray:
    """Returns how far the `num`-th nearest other row of each row is, `[N]`."""

    def farthest(block, first):
        del first
        return np.partition(block, num, axis=1)[:, num]  # the nearest is the row itself

    return np.concatenate(list(_chunked(features, reduce_func=farthest)))


def _chunked(*sets: np.ndarray, reduce_func=None):
    """Yields the distances of the rows of a set, a block of them at a time."""
    return pairwise_distances_chunked(
        *sets, reduce_func=reduce_func, working_memory=_WORKING_MEMORY
    )


def _mean(values: np.ndarray) -> Estimate:
    """Returns the mean over samples; all alike they tell no error."""
    error = float(np.std(values, ddof=1) / np.sqrt(len(values)))
    return Estimate(float(np.mean(values)), error or None)
