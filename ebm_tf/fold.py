"""A box with reflecting walls: the line folded onto it, and kernels on that.

[1] Neal, MCMC using Hamiltonian dynamics, 2011, section 5.1 (reflection).
"""

import tensorflow as tf

from ebm_tf.box import Box
from ebm_tf.types import EnergyFn, Kernel, Seed, Step


def fold(y: tf.Tensor, box: Box) -> tf.Tensor:
    """Returns each coordinate of `y` folded onto the box.

    The identity on the box, mirrored at its bounds, with period twice its width.
    The slope is 1 or -1 almost everywhere, so no volume is gained or lost.

    Args:
        y: Any real states, float, any shape.

    Returns:
        Same shape and dtype, within the box.
    """
    width = box.high - box.low
    part = (y - box.low) / width
    part -= 2.0 * tf.floor(part / 2.0)
    # clip: (y - low) / width * width may round over the edge.
    return box.clip(box.low + width * (1.0 - tf.abs(part - 1.0)))


def on_box(kernel: Kernel, box: Box) -> Kernel:
    """Returns `kernel` as a kernel of states in the box, with reflecting walls.

    If `kernel` is reversible with respect to `exp(-energy)` on the whole space
    and commutes with mirrors and shifts of a coordinate, as HMC and MALA do with
    one step size per coordinate or for all, so is the result on the box.

    Args:
        kernel: A kernel on the real line to the d.
        box: The box.

    Returns:
        A `Kernel` whose states stay in the box and whose energy function is only
        ever asked about states in it.
    """

    def step(energy_fn: EnergyFn, x: tf.Tensor, seed: Seed) -> Step:
        moved = kernel(lambda y: energy_fn(fold(y, box)), x, seed)
        return Step(fold(moved.x, box), moved.accept_prob)

    return step
