"""The graphs of a pilot run, which all pilot runs of one problem share."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from ebm_tf.likelihood.annealing import bridge
from ebm_tf.likelihood.base import Base
from ebm_tf.types import EnergyFn, Kernel, Seed, Step

# What makes a kernel of a step size, a float32 scalar tensor.
KernelOf = Callable[[tf.Tensor], Kernel]


class Moves(NamedTuple):
    """What a pilot run does to its chains.

    Attributes:
        sample: `(num, seed)` to `num` samples of the base.
        move: `(x, beta, step_size, scale, seed)` to a `Step` between base and target at
            `beta`, by a kernel of `step_size * scale`; float32 tensors.
        energies: From `x`, `[B, ...]`, to base energy and target energy, `[B]`, nats.
    """

    sample: Callable[[int, Seed], tf.Tensor]
    move: Callable[..., Step]
    energies: Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]


def moves(base: Base, target_fn: EnergyFn, kernel_of: KernelOf) -> Moves:
    """Returns the moves of pilot runs, not compiled.

    Args:
        base: Normalized density over the states.
        target_fn: Energy of the target, `[B, ...] -> [B]`, nats.
        kernel_of: Makes a kernel of a step size.
    """

    def move(x, beta, step_size, scale, seed):
        return kernel_of(step_size * scale)(bridge(base, target_fn, beta), x, seed)

    def energies(x):
        return -base.log_prob(x), target_fn(x)

    return Moves(base.sample, move, energies)


def compiled(base: Base, target_fn: EnergyFn, kernel_of: KernelOf) -> Moves:
    """Returns `moves`, each compiled once for every pilot run that is given them."""
    plain = moves(base, target_fn, kernel_of)
    graphs = (tf.function(each, autograph=False) for each in plain[1:])
    return Moves(plain.sample, *graphs)
