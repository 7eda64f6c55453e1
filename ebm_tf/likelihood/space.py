"""Where chains of annealing run: on the box, in logits, or in whitened logits."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from ebm_tf import fold
from ebm_tf.box import Box
from ebm_tf.likelihood import unbounded
from ebm_tf.likelihood.base import Base, InLogits, LogitGaussian
from ebm_tf.likelihood.gaussianized import Gaussianized
from ebm_tf.likelihood.moves import KernelOf
from ebm_tf.types import EnergyFn


class Problem(NamedTuple):
    """What an annealing run is given, in the coordinates of its chains.

    Attributes:
        base: Where it starts.
        target_fn: Energy of the target, nats.
        kernel_of: Makes a kernel of a step size.
        enter: From states in the box, `[B, ...]`, to coordinates.
        leave: From coordinates to states in the box.
    """

    base: Base
    target_fn: EnergyFn
    kernel_of: KernelOf
    enter: Callable[[tf.Tensor], tf.Tensor]
    leave: Callable[[tf.Tensor], tf.Tensor]


def pose(
    space: str, base: Base, energy_fn: EnergyFn, kernel_of: KernelOf, box: Box
) -> Problem:
    """Returns the problem of annealing from `base` to `exp(-energy)` on the box.

    Args:
        space: "box": states as they are, between reflecting walls; "logits": the
            box stretched over the line. A `LogitGaussian` is in logits, whitened, and
            a `Gaussianized`, the base of a residual energy, in its coordinates.
        base: Normalized density of states in the box.
        energy_fn: Energy of the target, `[B, ...] -> [B]`, nats.
        kernel_of: Makes a kernel on the whole space of a step size.
        box: The box.
    """
    if isinstance(base, Gaussianized):
        # The energy says itself what it is there: nothing is mapped back and forth.
        maps = energy_fn.enter, energy_fn.leave
        return Problem(base.latent, energy_fn.latent_energy, kernel_of, *maps)
    if isinstance(base, LogitGaussian):
        pulled = unbounded.pull_back(energy_fn, base.to_box, base.event_ndims)
        maps = base.to_box.inverse, base.to_box.forward
        return Problem(base.latent, pulled, kernel_of, *maps)
    if space == "logits":
        start = InLogits(base, box)
        pulled = unbounded.pull_back(energy_fn, start.to_box, start.event_ndims)
        return Problem(start, pulled, kernel_of, start.to_logits, start.to_box.forward)

    def kernel_on_box(step_size):
        return fold.on_box(kernel_of(step_size), box)

    return Problem(base, energy_fn, kernel_on_box, tf.identity, tf.identity)
