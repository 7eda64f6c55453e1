"""A box with reflecting walls: the line folded onto it, and kernels on that.

An open space has no walls: states and kernels stay as they are.

[1] Neal, MCMC using Hamiltonian dynamics, 2011, section 5.1 (reflection).
"""

import tensorflow as tf

from ebm_tf.box import StateSpace
from ebm_tf.types import EnergyFn, Kernel, Seed, Step


def fold(y: tf.Tensor, box: StateSpace) -> tf.Tensor:
    """Returns each coordinate of `y` folded onto the box.

    The identity on the box, mirrored at its bounds, with period twice its width.
    The slope is 1 or -1 almost everywhere, so no volume is gained or lost.

    Args:
        y: Any real states, float, any shape.
        box: The state space; in an open one `y` is returned itself.

    Returns:
        Same shape and dtype, within the box.
    """
    if not box.is_bounded:
        return y
    width = box.high - box.low
    part = (y - box.low) / width
    part -= 2.0 * tf.floor(part / 2.0)
    # clip: (y - low) / width * width may round over the edge.
    return box.clip(box.low + width * (1.0 - tf.abs(part - 1.0)))


def on_box(kernel: Kernel, box: StateSpace) -> Kernel:
    """Returns `kernel` as a kernel of states in the box, with reflecting walls.

    If `kernel` is reversible with respect to `exp(-energy)` on the whole space
    and commutes with mirrors and shifts of a coordinate, as HMC and MALA do with
    one step size per coordinate or for all, so is the result on the box.

    Args:
        kernel: A kernel on the real line to the d.
        box: The state space; of an open one, `kernel` is returned itself.

    Returns:
        A `Kernel` whose states stay in the box and whose energy function is only
        ever asked about states in it.
    """
    if not box.is_bounded:
        return kernel

    def step(energy_fn: EnergyFn, x: tf.Tensor, seed: Seed) -> Step:
        moved = kernel(lambda y: energy_fn(fold(y, box)), x, seed)
        return Step(fold(moved.x, box), moved.accept_prob)

    return step
