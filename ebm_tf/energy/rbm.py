"""A restricted Boltzmann machine small enough that its log Z is known.

[1] Welling, Rosen-Zvi and Hinton, Exponential family harmoniums with an application
    to information retrieval, 2004.
"""

import itertools
import math

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from ebm_tf import checks, rng
from ebm_tf.energy.analytic import AnalyticEnergy
from ebm_tf.types import Seed

tfd = tfp.distributions

MAX_HIDDEN = 12  # 4096 hidden states: still a small matrix


class GaussianBernoulliRbm(AnalyticEnergy):
    """The free energy of a Gaussian-Bernoulli restricted Boltzmann machine [1].

        E(x) = sum{ ((x[i] - visible_bias[i]) / std[i])**2 / 2 : i }
             - sum{ softplus(hidden_bias[j] + sum{ x[i] / std[i] * weight[i, j] : i })
                    : j }

    log Z enumerates the `2**H` hidden states; given one, x is Gaussian.

    Args:
        weight: Array `[d, H]`, H at most 12.
        visible_bias: Array `[d]`.
        hidden_bias: Array `[H]`.
        std: Positive array `[d]`.

    Raises:
        ValueError: If the shapes do not fit, a std is not positive or H > 12.
    """

    def __init__(self, weight, visible_bias, hidden_bias, std):
        weight = np.asarray(weight, np.float64)
        hidden_bias = np.asarray(hidden_bias, np.float64)
        visible_bias = np.asarray(visible_bias, np.float64)
        std = np.asarray(std, np.float64)
        checks.require(
            std.shape == visible_bias.shape,
            "std",
            f"of `visible_bias`'s shape, {visible_bias.shape}",
            std.shape,
        )
        checks.require(bool(np.all(std > 0)), "std", "positive", float(np.min(std)))
        expected = visible_bias.shape + hidden_bias.shape
        checks.require(
            weight.shape == expected, "weight", f"of shape {expected}", weight.shape
        )
        num_hidden = hidden_bias.size
        checks.require_count("num_hidden", num_hidden, high=MAX_HIDDEN)
        self.state_shape = visible_bias.shape
        self._weight, self._std = _float32(weight), _float32(std)
        self._visible_bias = _float32(visible_bias)
        self._hidden_bias = _float32(hidden_bias)
        hidden = np.array(list(itertools.product((0.0, 1.0), repeat=num_hidden)))
        pull = hidden @ weight.T  # [2**H, d], in units of std
        log_parts = hidden @ hidden_bias + pull @ (visible_bias / std)
        log_parts += np.sum(pull**2, axis=1) / 2
        log_parts += np.sum(np.log(std * math.sqrt(2.0 * math.pi)))
        self._log_z = float(np.logaddexp.reduce(log_parts))
        self._hidden_logits = _float32(log_parts - self._log_z)
        self._centers = _float32(visible_bias + std * pull)

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        scaled = (x - self._visible_bias) / self._std
        inputs = tf.linalg.matmul(x / self._std, self._weight) + self._hidden_bias
        return tf.reduce_sum(tf.square(scaled), axis=-1) / 2 - tf.reduce_sum(
            tf.math.softplus(inputs), axis=-1
        )

    def log_z(self) -> float:
        return self._log_z

    def sample(self, num: int, seed: Seed) -> tf.Tensor:
        hidden_seed, noise_seed = rng.split(seed, 2)
        state = tfd.Categorical(logits=self._hidden_logits).sample(
            num, seed=hidden_seed
        )
        center = tf.gather(self._centers, state)
        return center + self._std * rng.normal(noise_seed, tf.shape(center))


def _float32(array) -> tf.Tensor:
    return tf.constant(array, tf.float32)
