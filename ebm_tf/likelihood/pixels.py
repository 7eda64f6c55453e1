"""Densities in which every coordinate stands alone.

They know nothing of shape. A model of images that is less likely than these has
learned less of the density than the share of black images at each pixel.
"""

import math

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from ebm_tf import checks, rng
from ebm_tf.box import Box
from ebm_tf.types import Seed

tfd = tfp.distributions


class PixelHistogram:
    """Every coordinate in one of the levels of the box, evenly within the level.

    Args:
        counts: How often each coordinate has each level, `[d, num_levels]`.
        prior: Added to every count, > 0: no level is impossible.
        box: The box, of levels.
        state_shape: Shape of one state, `d` numbers.

    Attributes:
        probs: Probability of each level, float64 `[d, num_levels]`.

    Raises:
        ValueError: If the shapes do not fit, the box has no levels, or `prior` is
            not positive.
    """

    def __init__(self, counts, prior: float, box: Box, state_shape: tuple[int, ...]):
        counts = np.asarray(counts)
        num_dims = math.prod(state_shape)
        checks.require(box.num_levels is not None, "box", "of levels", str(box))
        rule = f"of shape {(num_dims, box.num_levels)}"
        holds = counts.shape == (num_dims, box.num_levels)
        checks.require(holds, "counts", rule, counts.shape)
        checks.require_number("prior", prior, above=0)
        raised = counts + float(prior)
        self.state_shape = tuple(state_shape)
        self.probs = raised / raised.sum(axis=1, keepdims=True)
        self._box = box
        self._levels = tfd.Independent(
            tfd.Categorical(logits=tf.constant(np.log(self.probs), tf.float32)), 1
        )
        self._log_width = math.log(box.stored_width)

    def log_prob(self, x: tf.Tensor) -> tf.Tensor:
        x = tf.convert_to_tensor(x)
        levels = tf.cast(self._box.encode(x), tf.int32)
        flat = tf.reshape(levels, [-1, len(self.probs)])
        log_prob = self._levels.log_prob(flat) - len(self.probs) * self._log_width
        axes = list(range(1, len(x.shape)))
        inside = tf.reduce_all(x == self._box.clip(x), axis=axes)
        return tf.where(inside, log_prob, -np.inf)

    def sample(self, num: int, seed: Seed) -> tf.Tensor:
        level_seed, noise_seed = rng.split(seed, 2)
        levels = tf.cast(self._levels.sample(num, seed=level_seed), tf.uint8)
        levels = tf.reshape(levels, [num, *self.state_shape])
        return self._box.decode(levels, noise_seed)


class PixelLogitGaussian:
    """A Gaussian over the logit of each coordinate by itself.

    Args:
        mean: Of the logits, array `[d]`.
        std: Positive, of the logits, `[d]`.
        box: The box.
        state_shape: Shape of one state, `d` numbers.

    Raises:
        ValueError: If the shapes do not fit or a `std` is not positive.
    """

    def __init__(self, mean, std, box: Box, state_shape: tuple[int, ...]):
        mean, std = np.asarray(mean, np.float64), np.asarray(std, np.float64)
        num_dims = math.prod(state_shape)
        for name, value in (("mean", mean), ("std", std)):
            rule = f"of {num_dims} numbers"
            checks.require(value.shape == (num_dims,), name, rule, value.shape)
        checks.require(bool(np.all(std > 0)), "std", "positive", std.min())
        self.state_shape = tuple(state_shape)
        self._box = box
        self._unit = tfd.Independent(
            tfd.LogitNormal(
                tf.constant(mean.reshape(state_shape), tf.float32),
                tf.constant(std.reshape(state_shape), tf.float32),
            ),
            len(state_shape),
        )

    def log_prob(self, x: tf.Tensor) -> tf.Tensor:
        unit = (x - self._box.low) / (self._box.high - self._box.low)
        num_dims = math.prod(self.state_shape)
        return self._unit.log_prob(unit) - self._box.log_volume(num_dims)

    def sample(self, num: int, seed: Seed) -> tf.Tensor:
        unit = self._unit.sample(num, seed=seed)
        return self._box.low + (self._box.high - self._box.low) * unit
