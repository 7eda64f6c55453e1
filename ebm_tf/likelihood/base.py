"""Where annealing starts: densities that are exactly normalized, and cover the box.

A base is anything with `log_prob(x)`, `sample(num, seed)` and `state_shape`. The
nearer it is to the target, the fewer temperatures a path needs. A base fitted to
training data has a log-likelihood of its own; a model that does not beat it on
the same test data has learned nothing, however close its bounds are.
"""

import math
from typing import Protocol

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from ebm_tf import checks, rng
from ebm_tf.box import Box
from ebm_tf.likelihood import unbounded
from ebm_tf.types import Seed

tfb = tfp.bijectors
tfd = tfp.distributions

_LOG_ROOT_TWO_PI = 0.5 * math.log(2.0 * math.pi)


class Base(Protocol):
    """A normalized density one can sample.

    Attributes:
        state_shape: Shape of one state, without the batch.
    """

    state_shape: tuple[int, ...]

    def log_prob(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the log density at `x`, `[B, *state_shape]`: `[B]`, nats."""

    def sample(self, num: int, seed: Seed) -> tf.Tensor:
        """Returns `num` exact samples, float32 `[num, *state_shape]`."""


class Uniform:
    """The uniform density on the closed box; minus infinity outside.

    Args:
        box: The box.
        state_shape: Shape of one state.
    """

    def __init__(self, box: Box, state_shape: tuple[int, ...]):
        self.state_shape = tuple(state_shape)
        self._box = box
        self._log_volume = box.log_volume(math.prod(self.state_shape))

    def log_prob(self, x: tf.Tensor) -> tf.Tensor:
        inside = tf.reduce_all(x == self._box.clip(x), axis=_axes(x))
        # Through x, so that a gradient exists: it is zero.
        return tf.where(inside, -self._log_volume + 0.0 * _sum(x), -np.inf)

    def sample(self, num: int, seed: Seed) -> tf.Tensor:
        return self._box.uniform(seed, (num, *self.state_shape))


class StandardNormal:
    """The standard normal density on the whole space.

    Args:
        state_shape: Shape of one state.
    """

    def __init__(self, state_shape: tuple[int, ...]):
        self.state_shape = tuple(state_shape)

    def log_prob(self, x: tf.Tensor) -> tf.Tensor:
        normalizer = math.prod(self.state_shape) * _LOG_ROOT_TWO_PI
        return -0.5 * _sum(tf.square(x)) - normalizer

    def sample(self, num: int, seed: Seed) -> tf.Tensor:
        return rng.normal(seed, (num, *self.state_shape))


class TruncatedMixture:
    """A mixture of diagonal Gaussians, each truncated to the box.

    Each component is normalized on the box by itself, in float64. Minus infinity
    outside the box.

    Args:
        weight: Positive array `[M]`, of any sum.
        mean: Array `[M, *state_shape]`, within the box.
        std: Positive array `[M, *state_shape]`.
        box: The box.

    Raises:
        ValueError: If the shapes do not fit, a mean is outside the box, or a
            weight or std is not positive.
    """

    def __init__(self, weight, mean, std, box: Box):
        weight, mean, std = (np.asarray(a, np.float64) for a in (weight, mean, std))
        checks.require(
            weight.shape == mean.shape[:1], "weight", f"of {len(mean)} numbers", weight
        )
        checks.require(
            mean.shape == std.shape, "std", f"of shape {mean.shape}", std.shape
        )
        for name, value in (("weight", weight), ("std", std)):
            checks.require(bool(np.all(value > 0)), name, "positive", value.min())
        inside = bool(np.all((box.low <= mean) & (mean <= box.high)))
        checks.require(inside, "mean", f"in [{box.low}, {box.high}]", mean)
        self.state_shape = mean.shape[1:]
        self._box = box
        self._mean, self._std = _float32(mean), _float32(std)
        self._logits = np.log(weight) - np.log(np.sum(weight))
        self._low = _ndtr((box.low - mean) / std)
        self._mass = _ndtr((box.high - mean) / std) - self._low
        each = np.log(self._mass) + np.log(std) + _LOG_ROOT_TWO_PI
        self._log_normalizer = each.reshape(len(each), -1).sum(axis=1)

    def log_prob(self, x: tf.Tensor) -> tf.Tensor:
        inside = tf.reduce_all(x == self._box.clip(x), axis=_axes(x))
        scaled = (x[:, tf.newaxis] - self._mean) / self._std
        quadratic = 0.5 * tf.reduce_sum(tf.square(scaled), axis=_axes(scaled)[1:])
        constant = _float32(self._logits - self._log_normalizer)
        log_prob = tf.reduce_logsumexp(constant - quadratic, axis=1)
        return tf.where(inside, log_prob, -np.inf)

    def sample(self, num: int, seed: Seed) -> tf.Tensor:
        which_seed, seed = rng.split(seed, 2)
        logits = tf.constant(self._logits[np.newaxis], tf.float32)
        which = tf.random.stateless_categorical(logits, num, which_seed)[0]
        # By the inverse of the distribution function, in float64: in float32 its
        # tails are a few steps wide.
        part = rng.uniform(seed, (num, *self.state_shape), tf.float64)
        quantile = tf.gather(self._low, which) + part * tf.gather(self._mass, which)
        scaled = tf.cast(tf.math.ndtri(quantile), tf.float32)
        x = tf.gather(self._mean, which) + tf.gather(self._std, which) * scaled
        return self._box.clip(x)


class InLogits:
    """A base on a box, as a density of the logits: the same states, stretched.

    Where the walls of the box would stop HMC short, in many dimensions above all,
    anneal from here to `unbounded.pull_back(energy_fn, base.to_box, base.event_ndims)`.

    Args:
        base: A base on the box, of any state shape.
        box: The box.

    Attributes:
        to_box: Bijector from logits to states.
        event_ndims: Rank of a state.
    """

    def __init__(self, base: Base, box: Box):
        self.state_shape = base.state_shape
        self.event_ndims = len(base.state_shape)
        self.to_box = unbounded.logits(box)
        self._base, self._box = base, box

    def log_prob(self, y: tf.Tensor) -> tf.Tensor:
        pulled = unbounded.pull_back(self._energy, self.to_box, self.event_ndims)
        return -pulled(y)

    def sample(self, num: int, seed: Seed) -> tf.Tensor:
        return self.to_logits(self._base.sample(num, seed))

    def to_logits(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the logits of states on the closed box, all finite.

        A float32 sample can lie on the very edge, whose logit is infinite: there,
        and within 1e-7 of the width, the nearest inner state's is returned.
        """
        width = self._box.high - self._box.low
        part = tf.clip_by_value((x - self._box.low) / width, 1e-7, 1.0 - 1e-7)
        return tf.math.log(part) - tf.math.log1p(-part)

    def _energy(self, x: tf.Tensor) -> tf.Tensor:
        return -self._base.log_prob(x)


class LogitGaussian:
    """A full-covariance Gaussian over the logits of the states in a box.

    `x = to_box(z)`, `z ~ N(0, I)`: anneal from `latent` to the energy pulled back
    through `to_box` (`unbounded.pull_back`), and the base has the same scale in every
    direction, which is what HMC likes.

    Args:
        mean: Array `[d]`, of the logits.
        covariance: Symmetric positive definite array `[d, d]`, of the logits.
        box: The box.
        state_shape: Shape of one state, `d` numbers.

    Attributes:
        to_box: Bijector from `z`, `[B, d]`, to states `[B, *state_shape]`.
        event_ndims: Rank of a `z`: 1.
        latent: The base density of `z`.

    Raises:
        ValueError: If the shapes do not fit or `covariance` is not positive
            definite.
    """

    def __init__(self, mean, covariance, box: Box, state_shape: tuple[int, ...]):
        mean = np.asarray(mean, np.float64)
        num_dims = math.prod(state_shape)
        checks.require(
            mean.shape == (num_dims,), "mean", f"of {num_dims} numbers", mean
        )
        try:
            scale = np.linalg.cholesky(np.asarray(covariance, np.float64))
        except np.linalg.LinAlgError:
            checks.require(False, "covariance", "positive definite", covariance)
        self.state_shape = tuple(state_shape)
        self.event_ndims = 1
        self.latent = StandardNormal((num_dims,))
        self.to_box = tfb.Chain(
            [
                tfb.Reshape(self.state_shape, event_shape_in=(num_dims,)),
                unbounded.logits(box),
                tfb.Shift(_float32(mean)),
                tfb.ScaleMatvecTriL(_float32(scale)),
            ]
        )
        self._density = tfd.TransformedDistribution(
            tfd.MultivariateNormalDiag(tf.zeros([num_dims])), self.to_box
        )

    def log_prob(self, x: tf.Tensor) -> tf.Tensor:
        return self._density.log_prob(x)

    def sample(self, num: int, seed: Seed) -> tf.Tensor:
        return self.to_box.forward(self.latent.sample(num, seed))


def _ndtr(value: np.ndarray) -> np.ndarray:
    unit = tfd.Normal(tf.constant(0.0, tf.float64), tf.constant(1.0, tf.float64))
    return unit.cdf(value).numpy()


def _float32(array) -> tf.Tensor:
    return tf.constant(array, tf.float32)


def _axes(x: tf.Tensor) -> list[int]:
    return list(range(1, len(x.shape)))


def _sum(x: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(x, axis=_axes(x))
