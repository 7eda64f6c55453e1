"""Counts, means and covariances of data that come chunk by chunk, in float64.

A whole training set in float64, and its logits beside it, need not fit in memory.
"""

from collections.abc import Iterable

import numpy as np

from ebm_tf import checks
from ebm_tf.box import Box

_ROWS = 2000


class Moments:
    """Number, mean and covariance of rows of `d` numbers.

    Args:
        diagonal: Whether only variances are kept, not the whole covariance.

    Attributes:
        num: Rows seen.
    """

    def __init__(self, diagonal: bool = False):
        self.num = 0
        self._diagonal = diagonal

    def add(self, rows: np.ndarray) -> None:
        """Takes rows in, float64 `[N, d]`."""
        if not self.num:
            # Sums are about a point near the mean, so that little cancels.
            self._shift = rows.mean(axis=0)
            self._sum = self._products = 0.0
        rows = rows - self._shift
        self.num += len(rows)
        self._sum = self._sum + rows.sum(axis=0)
        products = np.sum(rows**2, axis=0) if self._diagonal else rows.T @ rows
        self._products = self._products + products

    @property
    def mean(self) -> np.ndarray:
        """The mean, `[d]`."""
        return self._shift + self._sum / self.num

    @property
    def covariance(self) -> np.ndarray:
        """The unbiased covariance `[d, d]`, or the variances `[d]` if diagonal.

        Raises:
            ValueError: If there were fewer than two rows.
        """
        checks.require(self.num >= 2, "x", "at least two rows of data", self.num)
        # What rounding takes below zero is zero.
        if self._diagonal:
            left = self._products - self._sum**2 / self.num
            return np.maximum(left / (self.num - 1), 0.0)
        left = self._products - np.outer(self._sum, self._sum) / self.num
        return left / (self.num - 1)


def chunks(x: np.ndarray) -> Iterable[np.ndarray]:
    """Yields `x`, `[N, ...]`, some thousand rows at a time, float64 `[n, d]`."""
    for first in range(0, len(x), _ROWS):
        rows = np.asarray(x[first : first + _ROWS], np.float64)
        yield rows.reshape(len(rows), -1)


def level_counts(levels: np.ndarray, num_levels: int) -> np.ndarray:
    """Returns how often each column has each level: `[N, d]` to `[d, num_levels]`."""
    num_dims = levels.shape[1]
    index = levels.astype(np.int64) + num_levels * np.arange(num_dims)
    found = np.bincount(index.ravel(), minlength=num_dims * num_levels)
    return found.reshape(num_dims, num_levels)


def logits(rows: np.ndarray, box: Box) -> np.ndarray:
    """Returns the logits of states in the box, float64, same shape.

    Raises:
        ValueError: If a state lies on the edge of the box, or outside.
    """
    part = (np.asarray(rows, np.float64) - box.low) / (box.high - box.low)
    inside = bool(np.all((part > 0) & (part < 1)))
    rule = "strictly inside the box (dequantize it)"
    checks.require(inside, "x", rule, (rows.min(), rows.max()))
    return np.log(part) - np.log1p(-part)


def logit_moments(x: np.ndarray, box: Box) -> Moments:
    """Returns mean and covariance of the logits of data, `[N, *state_shape]`.

    Raises:
        ValueError: If a state lies on the edge of the box, or outside.
    """
    found = Moments()
    for rows in chunks(x):
        found.add(logits(rows, box))
    return found
