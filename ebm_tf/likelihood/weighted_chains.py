"""Weighted chains that have arrived somewhere, as the start of another path.

A run may go from a base to one target and on to a second, with the weights it has:
then the log mean of the weights is log Z of every density on the second path. With
`exp(-beta E)` for two betas as its ends, these are all inverse temperatures between,
reached from whatever base finds the modes.
"""

import numpy as np
import tensorflow as tf

from ebm_tf.types import EnergyFn, Seed


class WeightedChains:
    """A density that is known up to a factor, and by weighted chains.

    It stands where a `Base` does, for an annealing run that these chains go on with,
    and for its pilot run.

    Args:
        energy_fn: Target of the run that the chains have come from, `[B, ...] ->
            [B]`, nats.
        x: Where they are, `[N, ...]`.
        log_weights: Theirs, `[N]`, nats.
    """

    def __init__(self, energy_fn: EnergyFn, x: np.ndarray, log_weights: np.ndarray):
        self.state_shape = x.shape[1:]
        self._energy_fn, self._x, self._log_weights = energy_fn, x, log_weights

    def log_prob(self, x: tf.Tensor) -> tf.Tensor:
        """Returns minus the energy, `[B]`, nats: *not* normalized.

        The chains' weights hold the factor that is missing.
        """
        return -self._energy_fn(x)

    def sample(self, num: int, seed: Seed) -> tf.Tensor:
        """Returns `num` of the chains, drawn in proportion to their weights.

        No exact samples: good for a pilot run alone.
        """
        logits = tf.constant(self._log_weights)[tf.newaxis]
        drawn = tf.random.stateless_categorical(logits, num, seed)[0]
        return tf.gather(tf.constant(self._x), drawn)
