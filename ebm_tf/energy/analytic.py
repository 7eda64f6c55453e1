"""Energies whose log partition function is known, with exact samples.

Each is an energy function, `x: float32 [B, ...] -> [B]`, nats, low where the
density `exp(-E(x)) / Z` is high, plus what a network cannot tell: `log_z()` and
`sample(num, seed)`. They are what samplers and likelihood estimates are checked
against. Where TensorFlow Probability has the distribution, it does the work.
"""

import abc
import math

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from ebm_tf import checks, rng
from ebm_tf.box import Box
from ebm_tf.types import Seed

tfd = tfp.distributions


class AnalyticEnergy(abc.ABC):
    """An energy function with a known log Z and exact samples.

    Attributes:
        state_shape: Shape of one state, a tuple of ints, without the batch.
    """

    state_shape: tuple[int, ...]

    @abc.abstractmethod
    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the energies of states `[B, *state_shape]`: `[B]`, nats."""

    @abc.abstractmethod
    def log_z(self) -> float:
        """Returns `log integral(exp(-E(x)) dx)`, nats, over the whole space."""

    @abc.abstractmethod
    def sample(self, num: int, seed: Seed) -> tf.Tensor:
        """Returns `num` independent exact samples, float32 `[num, *state_shape]`."""

    def log_prob(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the normalized log density of `x`: `[B]`, nats per volume."""
        return -self(x) - self.log_z()


class FromDistribution(AnalyticEnergy):
    """`E = -log_prob - log_z` of a TFP distribution, with the `log_z` it is to have.

    Args:
        distribution: Of one state at a time: its batch shape is `()`.
        log_z: Nats.
    """

    def __init__(self, distribution: tfd.Distribution, log_z: float = 0.0):
        self._distribution = distribution
        self._log_z = float(log_z)
        self.state_shape = tuple(distribution.event_shape)

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        return -(self._distribution.log_prob(x) + self._log_z)

    def log_z(self) -> float:
        return self._log_z

    def sample(self, num: int, seed: Seed) -> tf.Tensor:
        return self._distribution.sample(num, seed=seed)


class DiagonalGaussian(FromDistribution):
    """`E(x) = sum(((x - mean) / std)**2) / 2`.

    Args:
        mean: Array `state_shape`, of any rank.
        std: Positive array of the same shape.

    Raises:
        ValueError: If the shapes differ or a `std` is not positive.
    """

    def __init__(self, mean, std):
        mean, std = _pair(mean, std)
        super().__init__(
            _independent(tfd.Normal(_float32(mean), _float32(std)), mean.ndim),
            mean.size / 2 * math.log(2.0 * math.pi) + np.sum(np.log(std)),
        )


class FullGaussian(FromDistribution):
    """`E(x) = (x - mean)^T covariance^-1 (x - mean) / 2`.

    Args:
        mean: Array `[d]`.
        covariance: Symmetric positive definite array `[d, d]`.

    Raises:
        ValueError: If the shapes do not fit or `covariance` is not positive
            definite.
    """

    def __init__(self, mean, covariance):
        mean = np.asarray(mean, np.float64)
        covariance = np.asarray(covariance, np.float64)
        checks.require(mean.ndim == 1, "mean", "a vector", mean.shape)
        checks.require(
            covariance.shape == 2 * mean.shape,
            "covariance",
            f"of shape {2 * mean.shape}",
            covariance.shape,
        )
        try:
            scale = np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError:
            checks.require(False, "covariance", "positive definite", covariance)
        super().__init__(
            tfd.MultivariateNormalTriL(_float32(mean), _float32(scale)),
            mean.size / 2 * math.log(2.0 * math.pi) + np.sum(np.log(np.diag(scale))),
        )


class GaussianMixture(FromDistribution):
    """`E(x) = -log sum{ weight[k] exp(-E_k(x)) }`, `E_k` a `DiagonalGaussian`.

    The components are not normalized, so a wide one holds more probability than
    its weight says: `Z = sum(weight[k] * Z_k)`.

    Args:
        weight: Positive array `[K]`, of any sum.
        mean: Array `[K, *state_shape]`.
        std: Positive array `[K, *state_shape]`.

    Raises:
        ValueError: If the shapes do not fit or a weight or std is not positive.
    """

    def __init__(self, weight, mean, std):
        mean, std = _pair(mean, std)
        weight = np.asarray(weight, np.float64)
        checks.require(
            weight.shape == mean.shape[:1], "weight", f"of {len(mean)} numbers", weight
        )
        checks.require(bool(np.all(weight > 0)), "weight", "positive", weight)
        num_dims = mean[0].size
        log_parts = np.log(weight) + num_dims / 2 * math.log(2.0 * math.pi)
        log_parts += np.log(std).reshape(len(std), -1).sum(axis=1)
        log_z = np.logaddexp.reduce(log_parts)
        components = tfd.Normal(_float32(mean), _float32(std))
        super().__init__(
            tfd.MixtureSameFamily(
                tfd.Categorical(logits=_float32(log_parts - log_z)),
                _independent(components, mean.ndim - 1),
            ),
            log_z,
        )


class TruncatedGaussian(FromDistribution):
    """`E(x) = sum(((x - mean) / std)**2) / 2` on a box, infinite outside.

    Args:
        mean: Array `state_shape`; may lie outside the box, by a few `std`.
        std: Positive array of the same shape.
        box: The box.

    Raises:
        ValueError: If the shapes differ or a `std` is not positive.
    """

    def __init__(self, mean, std, box: Box):
        mean, std = _pair(mean, std)
        unit = tfd.Normal(tf.constant(0.0, tf.float64), tf.constant(1.0, tf.float64))
        low, high = (box.low - mean) / std, (box.high - mean) / std
        # On the side where the tail is thin, cdf(high) - cdf(low) keeps its digits.
        flip = low > 0
        low, high = np.where(flip, -high, low), np.where(flip, -low, high)
        mass = (unit.cdf(high) - unit.cdf(low)).numpy()
        distribution = tfd.TruncatedNormal(
            _float32(mean), _float32(std), box.low, box.high
        )
        super().__init__(
            _independent(distribution, mean.ndim),
            np.sum(np.log(std * math.sqrt(2.0 * math.pi) * mass)),
        )


class LinearOnBox(AnalyticEnergy):
    """`E(x) = sum(slope * x)` on a box; the formula holds outside too, Z does not.

    Args:
        slope: Array `state_shape`, nats per unit of `x`, of any rank.
        box: The box.
    """

    def __init__(self, slope, box: Box):
        slope = np.asarray(slope, np.float64)
        self.state_shape = slope.shape
        self._slope, self._box = _float32(slope), box
        width = box.high - box.low
        # With t = |slope| * width: log integral = -min(slope x) + log(width)
        # + log((1 - exp(-t)) / t), whose last term is 0 at t = 0.
        steep = np.maximum(np.abs(slope) * width, 1e-12)
        lowest = np.minimum(slope * box.low, slope * box.high)
        self._log_z = float(
            np.sum(math.log(width) - lowest + np.log(-np.expm1(-steep) / steep))
        )

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        axes = list(range(1, 1 + len(self.state_shape)))
        return tf.reduce_sum(self._slope * x, axis=axes)

    def log_z(self) -> float:
        return self._log_z

    def sample(self, num: int, seed: Seed) -> tf.Tensor:
        width = self._box.high - self._box.low
        uniform = rng.uniform(seed, (num, *self.state_shape))
        steep = tf.maximum(tf.abs(self._slope) * width, 1e-6)
        # The distance from the lower-energy side is a truncated exponential.
        part = -tf.math.log1p(uniform * tf.math.expm1(-steep)) / steep
        part = tf.where(self._slope >= 0, part, 1.0 - part)
        return self._box.clip(self._box.low + width * part)


class DoubleWell(AnalyticEnergy):
    """`E(x) = depth * (x[0]**2 - 1)**2 + x[1]**2 / (2 * std**2)`, in the plane.

    Two wells at x[0] = -1 and 1, a barrier of `depth` nats between them.

    Args:
        depth: Height of the barrier, nats, positive.
        std: Width of both wells along the second axis, positive.

    Raises:
        ValueError: If an argument is not positive.
    """

    state_shape = (2,)

    def __init__(self, depth: float, std: float):
        checks.require_number("depth", depth, above=0)
        checks.require_number("std", std, above=0)
        self._depth, self._std = depth, std

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        along, across = x[:, 0], x[:, 1]
        barrier = tf.square(tf.square(along) - 1.0)
        return self._depth * barrier + tf.square(across / self._std) / 2

    def log_z(self) -> float:
        # integral(exp(-a (x**2 - 1)**2) dx)
        #   = pi/2 exp(-a/2) (I[-1/4](a/2) + I[1/4](a/2)), and I[-v] is
        # I[v] + 2/pi sin(pi v) K[v].
        half = tf.constant(self._depth / 2, tf.float64)
        order = tf.constant(0.25, tf.float64)
        first = 2 * tfp.math.bessel_ive(order, half)  # scaled by exp(-half)
        second = tfp.math.bessel_kve(order, half) * tf.exp(-2 * half)
        along = math.pi / 2 * first + math.sin(math.pi / 4) * second
        across = self._std * math.sqrt(2.0 * math.pi)
        return float(tf.math.log(along)) + math.log(across)

    def sample(self, num: int, seed: Seed) -> tf.Tensor:
        along_seed, sign_seed, across_seed = rng.split(seed, 3)
        sign = tf.where(rng.uniform(sign_seed, [num]) < 0.5, -1.0, 1.0)
        across = self._std * rng.normal(across_seed, [num])
        return tf.stack([sign * self._positive(num, along_seed), across], axis=1)

    def _positive(self, num: int, seed: Seed) -> tf.Tensor:
        # For y > 0, (y**2 - 1)**2 >= (y - 1)**2: reject from a Gaussian at 1.
        def attempt(i, y, waiting):
            normal_seed, uniform_seed = rng.split(rng.fold_in(seed, i), 2)
            new = 1.0 + rng.normal(normal_seed, [num]) / math.sqrt(2.0 * self._depth)
            excess = tf.square(tf.square(new) - 1.0) - tf.square(new - 1.0)
            accept = rng.uniform(uniform_seed, [num]) < tf.exp(-self._depth * excess)
            y = tf.where(waiting & accept & (new > 0), new, y)
            return i + 1, y, waiting & ~(accept & (new > 0))

        start = (tf.constant(0), tf.zeros([num]), tf.ones([num], tf.bool))
        return tf.while_loop(
            lambda i, y, waiting: tf.reduce_any(waiting), attempt, start
        )[1]


def _float32(array) -> tf.Tensor:
    return tf.constant(array, tf.float32)


def _independent(distribution: tfd.Distribution, num_axes: int) -> tfd.Distribution:
    return tfd.Independent(distribution, reinterpreted_batch_ndims=num_axes)


def _pair(mean, std) -> tuple[np.ndarray, np.ndarray]:
    mean, std = np.asarray(mean, np.float64), np.asarray(std, np.float64)
    checks.require(
        mean.shape == std.shape, "std", f"of `mean`'s shape, {mean.shape}", std.shape
    )
    checks.require(bool(np.all(std > 0)), "std", "positive", float(np.min(std)))
    return mean, std
