"""From a box to a space without walls: by folding, or by logits.

HMC on a box needs no penalty outside it, which would leak probability over the
edge and change Z. `fold` sends the line to the box as a triangle wave: a
trajectory that runs over the edge comes back as if reflected, and the density
on the box is exactly `exp(-E) / Z`. `logits` stretches the box over the line
instead, and changes the energy by the log volume of the map.

[1] Neal, MCMC using Hamiltonian dynamics, 2011, section 5.1 (reflection).
"""

import tensorflow as tf
import tensorflow_probability as tfp

from ebm_tf import checks, rng
from ebm_tf.box import Box
from ebm_tf.fold import fold, on_box
from ebm_tf.types import EnergyFn, Kernel, Seed, Step

tfb = tfp.bijectors

# The first of the two ways is the samplers' too, and lives in `ebm_tf.fold`.
__all__ = ["fold", "logits", "on_box", "pull_back", "repeat"]


def logits(box: Box) -> tfb.Bijector:
    """Returns the bijector from the real line onto the open box, a sigmoid.

    `forward` maps logits to states, `inverse` states to logits. A state on the
    very edge has an infinite logit: dequantize data first (`Box.decode` stays
    off the edge).
    """
    return tfb.Sigmoid(low=float(box.low), high=float(box.high))


def pull_back(
    energy_fn: EnergyFn, bijector: tfb.Bijector, event_ndims: int
) -> EnergyFn:
    """Returns the energy of `y` where `x = bijector.forward(y)` has `energy_fn`.

        E'(y) = E(bijector(y)) - log |det d bijector / dy|

    so both have the same Z.

    Args:
        energy_fn: Energy of states `x`, `[B, ...] -> [B]`, nats.
        bijector: From `y` to `x`.
        event_ndims: Rank of one `y`, without the batch.

    Returns:
        Energy of `y`, `[B, ...] -> [B]`, nats.
    """

    def pulled(y: tf.Tensor) -> tf.Tensor:
        log_det = bijector.forward_log_det_jacobian(y, event_ndims=event_ndims)
        return energy_fn(bijector.forward(y)) - log_det

    return pulled


def repeat(kernel: Kernel, num: int) -> Kernel:
    """Returns the kernel that takes `num` steps of `kernel` at one energy.

    Reversible if `kernel` is. `accept_prob` is the mean over the steps.

    Raises:
        ValueError: If `num < 1`.
    """
    checks.require_count("num", num)

    def step(energy_fn: EnergyFn, x: tf.Tensor, seed: Seed) -> Step:
        accept = []
        for one_seed in rng.split(seed, num):
            x, accept_prob = kernel(energy_fn, x, one_seed)
            accept.append(accept_prob)
        return Step(x, tf.add_n(accept) / num)

    return step
