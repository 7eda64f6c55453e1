"""Gaussians of scores: densities on a box with whitened coordinates.

    x -> v = scores(x), one monotone function a coordinate
    v = mean + C z,  z ~ N(0, I)

so `log p(x) = log N(z; 0, I) - log det C + sum of the scores' log slopes`. Chains run
in z, where the density has the same scale in every direction.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ebm_tf import checks
from ebm_tf.box import Box
from ebm_tf.likelihood.base import StandardNormal
from ebm_tf.likelihood.moments import Moments, level_counts
from ebm_tf.likelihood.scores import Logits, NormalScores, ScoreMap, histogram_edges
from ebm_tf.types import Seed

BASES = ("logit_gaussian", "gaussian_copula")


class Gaussianized:
    """A full-covariance Gaussian of the scores of states in a box.

    Args:
        score_map: From states to scores.
        mean: Of the scores, `[d]`, float32; a tensor or a variable.
        scale: Lower triangular C with a positive diagonal, `[d, d]`, float32.
        state_shape: Shape of one state, d numbers.

    Attributes:
        state_shape: As given.
        latent: The density of z, a `StandardNormal`.
    """

    def __init__(self, score_map: ScoreMap, mean, scale, state_shape: tuple[int, ...]):
        self.state_shape = tuple(state_shape)
        self._num_dims = math.prod(self.state_shape)
        self.latent = StandardNormal((self._num_dims,))
        self._map, self._mean, self._scale = score_map, mean, scale

    def scores(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the scores of states, `[B, *state_shape]`: `[B, d]`."""
        return self._map.scores(self._flat(x))

    def scores_of_latent(self, z: tf.Tensor) -> tf.Tensor:
        """Returns the scores of `z`, `[B, d]`: `[B, d]`."""
        scale = tf.convert_to_tensor(self._scale)
        return self._mean + tf.matmul(z, scale, transpose_b=True)

    def states(self, v: tf.Tensor) -> tf.Tensor:
        """Returns the states of scores, `[B, d]`: `[B, *state_shape]`."""
        return tf.reshape(self._map.states(v), [-1, *self.state_shape])

    def enter(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the whitened coordinates of states: `[B, d]`."""
        return self._whiten(self.scores(x))

    def leave(self, z: tf.Tensor) -> tf.Tensor:
        """Returns the states at whitened coordinates: `[B, *state_shape]`."""
        return self.states(self.scores_of_latent(z))

    def log_prob(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the log density of states, `[B]`, nats."""
        flat = self._flat(x)
        v = self._map.scores(flat)
        diagonal = tf.linalg.diag_part(tf.convert_to_tensor(self._scale))
        slopes = tf.reduce_sum(self._map.log_slope(flat, v), axis=1)
        log_det = tf.reduce_sum(tf.math.log(diagonal))
        return self.latent.log_prob(self._whiten(v)) - log_det + slopes

    def sample(self, num: int, seed: Seed) -> tf.Tensor:
        """Returns `num` exact samples, float32 `[num, *state_shape]`."""
        return self.leave(self.latent.sample(num, seed))

    def _whiten(self, v: tf.Tensor) -> tf.Tensor:
        centered = tf.transpose(v - self._mean)
        scale = tf.convert_to_tensor(self._scale)
        return tf.transpose(tf.linalg.triangular_solve(scale, centered))

    def _flat(self, x: tf.Tensor) -> tf.Tensor:
        return tf.reshape(x, [-1, self._num_dims])


class Fit(NamedTuple):
    """What a `Gaussianized` is made of.

    Attributes:
        mean: Of the scores, float32 `[d]`.
        scale: Cholesky factor of their covariance, float32 `[d, d]`.
        edges: Of `NormalScores`, float32 `[d, L + 1]`; None for logits.
    """

    mean: np.ndarray
    scale: np.ndarray
    edges: np.ndarray | None


def make(kind: str, box: Box, state_shape, mean, scale, edges=None) -> Gaussianized:
    """Returns the density of that kind, from arrays, tensors or variables.

    Args:
        kind: One of `BASES`.
        box: The box.
        state_shape: Shape of one state.
        mean: See `Gaussianized`.
        scale: See `Gaussianized`.
        edges: For "gaussian_copula", see `NormalScores`.
    """
    checks.require_choice("kind", kind, BASES)
    score_map = Logits(box) if kind == "logit_gaussian" else NormalScores(edges, box)
    return Gaussianized(score_map, mean, scale, state_shape)


def fit(
    kind: str, chunks: Iterable[np.ndarray], box: Box, *, min_std: float, smoothing
) -> Fit:
    """Fits one to data, chunk by chunk, so that memory does not grow with the data.

    Args:
        kind: One of `BASES`.
        chunks: Data, dequantized, each `[B, *state_shape]`, strictly inside the box;
            gone through once for logits, twice for the copula: a list, or what begins
            anew with every `iter`.
        box: The box; of levels for the copula.
        min_std: Deviation of independent noise added to the scores' covariance.
        smoothing: Added to each count of a histogram, > 0; for the copula alone.

    Raises:
        ValueError: If there are fewer than two rows, or a setting is out of range.
    """
    checks.require_choice("kind", kind, BASES)
    checks.require_number("min_std", min_std, above=0)
    edges, score_map = None, Logits(box)
    if kind == "gaussian_copula":
        checks.require_number("smoothing", smoothing, above=0)
        rule = "stored as levels, for a histogram of each coordinate"
        checks.require(box.num_levels is not None, "box", rule, str(box))
        edges = histogram_edges(_counts(chunks, box), smoothing)
        score_map = NormalScores(tf.constant(edges), box)
    found = _moments(chunks, score_map)
    mean = found.mean
    scale = np.linalg.cholesky(found.covariance + min_std**2 * np.eye(len(mean)))
    return Fit(mean.astype(np.float32), scale.astype(np.float32), edges)


def _counts(chunks, box: Box) -> np.ndarray:
    total = 0
    for chunk in chunks:
        levels = box.encode(tf.constant(chunk, tf.float32)).numpy()
        total = total + level_counts(levels.reshape(len(levels), -1), box.num_levels)
    checks.require(isinstance(total, np.ndarray), "chunks", "some data", 0)
    return total


def _moments(chunks, score_map: ScoreMap) -> Moments:
    """Returns mean and covariance of the scores, in float64."""
    found = Moments()
    for chunk in chunks:
        flat = tf.constant(np.reshape(chunk, [len(chunk), -1]), tf.float32)
        found.add(score_map.scores(flat).numpy().astype(np.float64))
    checks.require(found.num >= 2, "chunks", "at least two rows of data", found.num)
    return found
