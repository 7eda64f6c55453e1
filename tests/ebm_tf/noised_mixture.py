"""A mixture of Gaussians with noise of any level on it: every number is known."""

import math

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.condition_kinds import NoiseLevel

_LOG_2PI = math.log(2.0 * math.pi)


class NoisedMixture:
    """`E(x, sigma) = -log p(x, sigma) - log_z`, of a mixture with noise on it.

    What a `BoundEnergy` of a trained network is, had training been perfect; but for
    the constant, which is 0 at the highest level.

    Args:
        means: `[M, d]`.
        stds: Of each component and coordinate, `[M, d]`.
        weights: Of each component, `[M]`, 1 in all.
        levels: The noise levels.
        log_z: Of the lowest level, nats; in between in proportion to log sigma.
    """

    def __init__(self, means, stds, weights, levels: NoiseLevel, log_z=0.0, sigma=None):
        self._args = means, stds, weights, levels, log_z
        self.noise_levels, self._log_z = levels, log_z
        self.means = np.asarray(means, np.float32)
        self.stds = np.asarray(stds, np.float32)
        self.weights = np.asarray(weights, np.float32)
        self.sigma = levels.low if sigma is None else sigma

    def at_level(self, sigma):
        """Returns the energy at another level."""
        return NoisedMixture(*self._args, sigma=sigma)

    def log_prob(self, x, sigma):
        """Returns the exact log density, `[B]`; sigma a scalar, or `[B]`."""
        sigma = tf.reshape(tf.cast(sigma, tf.float32), [-1, 1, 1])
        variance = tf.square(self.stds) + tf.square(sigma)
        apart = tf.square(x[:, tf.newaxis] - self.means) / variance
        each = -0.5 * tf.reduce_sum(apart + tf.math.log(variance) + _LOG_2PI, axis=2)
        return tf.reduce_logsumexp(each + np.log(self.weights), axis=1)

    def __call__(self, x):
        levels = self.noise_levels
        width = math.log(levels.high) - math.log(levels.low)
        share = (math.log(levels.high) - tf.math.log(self.sigma)) / width
        return -self.log_prob(x, self.sigma) - self._log_z * share

    def sample(self, num, sigma, seed):
        """Returns exact samples with noise `sigma`, `[num, d]`."""
        pick_seed, noise_seed = rng.split(seed, 2)
        logits = tf.math.log(self.weights)[tf.newaxis]
        picked = tf.random.stateless_categorical(logits, num, pick_seed)[0]
        std = tf.sqrt(tf.square(self.stds) + tf.square(sigma))
        noise = rng.normal(noise_seed, [num, self.means.shape[1]])
        return tf.gather(self.means, picked) + tf.gather(std, picked) * noise

    def widest(self, num, seed):
        """Returns samples of a normal density that is near to the highest level."""
        mean, std = self._normal()
        return mean + std * rng.normal(seed, [num, self.means.shape[1]])

    def log_prob_widest(self, x):
        """Returns the log density of `widest`."""
        mean, std = self._normal()
        unit = (x - mean) / std
        logs = tf.square(unit) + 2.0 * tf.math.log(std) + _LOG_2PI
        return -0.5 * tf.reduce_sum(logs, axis=1)

    def base_log_prob(self, x):
        """Returns the log density of independent normal coordinates at the level."""
        mean, std = self._normal(self.sigma)
        logs = tf.square((x - mean) / std) + 2.0 * tf.math.log(std) + _LOG_2PI
        return -0.5 * tf.reduce_sum(logs, axis=1)

    def parts(self, x):
        """Returns what that base is corrected by, and its log density."""
        log_prob = self.base_log_prob(x)
        return self(x) + log_prob, log_prob

    def base_clean(self, x, sigma, seed):
        """Returns states without noise, drawn by the base given those with it."""
        mean, std = self._normal(0.0)
        share = tf.square(std) / (tf.square(std) + tf.square(sigma))
        noise = tf.sqrt(share) * sigma * rng.normal(seed, tf.shape(x))
        return mean + share * (x - mean) + noise

    def _normal(self, sigma=None):
        mean = self.weights @ self.means
        second = self.weights @ (self.stds**2 + self.means**2)
        sigma = self.noise_levels.high if sigma is None else sigma
        variance = second - mean**2 + tf.square(sigma)
        return mean, tf.sqrt(tf.cast(variance, tf.float32))
