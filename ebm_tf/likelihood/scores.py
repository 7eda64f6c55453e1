"""Scores: one monotone function a coordinate, after which a Gaussian fits well.

A score map takes states of a box, `[B, d]`, to the real line coordinate by
coordinate, and says how steep it is. `Logits` is the same for all coordinates;
`NormalScores` takes each one's distribution function, from a histogram of data, to
that of a standard normal: with a Gaussian of the scores this is a Gaussian copula [1].

[1] Liu, Lafferty and Wasserman, The nonparanormal, 2009.
    https://arxiv.org/abs/0903.0649
"""

import math
from typing import Protocol

import numpy as np
import tensorflow as tf

from ebm_tf.box import Box

_LOG_ROOT_TWO_PI = 0.5 * math.log(2.0 * math.pi)
# What float32 can tell from 0 and from 1 in a distribution function.
_EDGE = 1e-7


class ScoreMap(Protocol):
    """A monotone function a coordinate, from the box to the line."""

    def scores(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the scores of states, `[B, d]`, all finite."""

    def states(self, v: tf.Tensor) -> tf.Tensor:
        """Returns the states of scores, `[B, d]`, in the box."""

    def log_slope(self, x: tf.Tensor, v: tf.Tensor) -> tf.Tensor:
        """Returns the log slope of `scores` at `x`, whose scores are `v`: `[B, d]`."""


class Logits:
    """The logit of the place in the box.

    Args:
        box: The box.
    """

    def __init__(self, box: Box):
        self._low, self._width = box.low, box.high - box.low

    def scores(self, x: tf.Tensor) -> tf.Tensor:
        part = self._part(x)
        return tf.math.log(part) - tf.math.log1p(-part)

    def states(self, v: tf.Tensor) -> tf.Tensor:
        return self._low + self._width * tf.sigmoid(v)

    def log_slope(self, x: tf.Tensor, v: tf.Tensor) -> tf.Tensor:
        # Of the logit at p: 1 / (p (1 - p)); by the logit, which is precise near 1.
        return tf.math.softplus(v) + tf.math.softplus(-v) - math.log(self._width)

    def _part(self, x: tf.Tensor) -> tf.Tensor:
        part = (x - self._low) / self._width
        return tf.clip_by_value(part, _EDGE, 1.0 - _EDGE)


class NormalScores:
    """The normal quantile of each coordinate's own distribution function.

    That function is linear within a bin: the density of the coordinate is a
    histogram.

    Args:
        edges: The distribution function at the edges of L equal bins, `[d, L + 1]`,
            float32, from 0 to 1 and strictly increasing; a tensor or a variable.
        box: The box.
    """

    def __init__(self, edges, box: Box):
        self._edges, self._num_bins = edges, int(edges.shape[1]) - 1
        self._low, self._width = box.low, box.high - box.low

    def scores(self, x: tf.Tensor) -> tf.Tensor:
        place, k = self._place(x)
        below, share = self._bin(tf.stop_gradient(k))
        value = below + share * (place - tf.cast(k, tf.float32))
        return tf.math.ndtri(tf.clip_by_value(value, _EDGE, 1.0 - _EDGE))

    def states(self, v: tf.Tensor) -> tf.Tensor:
        value = 0.5 * tf.math.erfc(-v * math.sqrt(0.5))
        upper = tf.convert_to_tensor(self._edges)[:, 1:]
        columns = tf.transpose(tf.stop_gradient(value))
        k = tf.searchsorted(upper, columns, side="right")
        k = tf.minimum(k, self._num_bins - 1)
        # oneDNN transposes no whole numbers, and would say so.
        k = tf.cast(tf.transpose(tf.cast(k, tf.float32)), tf.int32)
        below, share = self._bin(k)
        part = tf.clip_by_value((value - below) / share, 0.0, 1.0)
        place = tf.cast(k, tf.float32) + part
        return self._low + place * (self._width / self._num_bins)

    def log_slope(self, x: tf.Tensor, v: tf.Tensor) -> tf.Tensor:
        _, k = self._place(x)
        _, share = self._bin(k)
        density = tf.math.log(share * (self._num_bins / self._width))
        return density + 0.5 * tf.square(v) + _LOG_ROOT_TWO_PI

    def _place(self, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns where states are in units of bins, and the numbers of their bins."""
        place = (x - self._low) * (self._num_bins / self._width)
        k = tf.clip_by_value(tf.cast(place, tf.int32), 0, self._num_bins - 1)
        return place, k

    def _bin(self, k: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns where the distribution function is at the bin, and how far it rises.

        Args:
            k: Numbers of bins, int32 `[B, d]`.
        """
        num_edges = self._num_bins + 1
        flat = tf.reshape(tf.convert_to_tensor(self._edges), [-1])
        index = k + num_edges * tf.range(tf.shape(k)[1])
        below = tf.gather(flat, index)
        return below, tf.gather(flat, index + 1) - below


def histogram_edges(counts: np.ndarray, smoothing: float) -> np.ndarray:
    """Returns the edges that `NormalScores` takes, from counts of data.

    Args:
        counts: Data in each bin, `[d, L]`.
        smoothing: Added to each, > 0: no bin is impossible.

    Returns:
        float32 `[d, L + 1]`, strictly increasing from 0 to 1.
    """
    counts = np.asarray(counts, np.float64) + smoothing
    share = counts / counts.sum(axis=1, keepdims=True)
    edges = np.concatenate([np.zeros((len(share), 1)), np.cumsum(share, 1)], axis=1)
    edges[:, -1] = 1.0
    return edges.astype(np.float32)
