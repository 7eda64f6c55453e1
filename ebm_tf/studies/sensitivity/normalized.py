"""Networks whose features are normalized, over a batch or within a state.

What is normalized over a batch is no energy: the number of a state depends on the
states beside it. The study shows what comes of that (paper, A.12); nothing else here
makes such networks.
"""

import tensorflow as tf

from ebm_tf import checks
from ebm_tf.energy.model import EnergyModel

KINDS = ("batch", "layer")
_EPSILON = 1e-5


def normalize(energy: EnergyModel, kind: str) -> None:
    """Puts a normalization before each activation function of a network.

    No weights and no statistics are kept: mean and deviation are those of the moment.

    Args:
        energy: A network whose `act` is its activation function, such as `ConvEnergy`.
        kind: "batch": over all states and places, for each filter; "layer": over all
            places and filters, for each state.

    Raises:
        ValueError: If the network has no such function.
    """
    checks.require_choice("kind", kind, KINDS)
    act = getattr(energy, "act", None)
    rule = "one with an activation function `act`, to be normalized"
    checks.require(callable(act), "network", rule, type(energy).__name__)

    def normalized(x):
        places = list(range(1, x.shape.rank))
        axes = [0, *places[:-1]] if kind == "batch" else places
        mean, variance = tf.nn.moments(x, axes, keepdims=True)
        return act((x - mean) * tf.math.rsqrt(variance + _EPSILON))

    energy.act = normalized
