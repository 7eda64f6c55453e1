"""From a box to the whole space, by logits: a space without walls.

Annealing in a box needs no penalty outside it, which would leak probability over the
edge and change Z. Either walls reflect (`ebm_tf.fold`), or the box is stretched over
the line: here, where the energy changes by the log volume of the map.
"""

import tensorflow as tf
import tensorflow_probability as tfp

from ebm_tf.box import Box
from ebm_tf.types import EnergyFn

tfb = tfp.bijectors


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
