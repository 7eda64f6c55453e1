"""The few types that packages share."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

# `int32[2]`; see `ebm_tf.rng`.
Seed = tf.Tensor

# An energy: `[B, ...] -> [B]`, nats. `p(x) = exp(-E(x)) / Z`, so low is likely.
EnergyFn = Callable[[tf.Tensor], tf.Tensor]


class Step(NamedTuple):
    """What a kernel returns.

    Attributes:
        x: New states, `[B, ...]`.
        accept_prob: Acceptance probability of each proposal, `[B]`, in [0, 1];
            to read, never to reuse. Ones for a kernel that rejects nothing.
    """

    x: tf.Tensor
    accept_prob: tf.Tensor


# A Markov kernel: `(energy_fn, x, seed) -> Step`. It remembers nothing.
Kernel = Callable[[EnergyFn, tf.Tensor, Seed], Step]

# The kernel of each step of a run, by its number, an int32 scalar tensor.
KernelAt = Callable[[tf.Tensor], Kernel]
