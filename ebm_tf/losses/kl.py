"""The divergence of chains from the model, differentiated through the chain.

    KL(q || p) = E_q[E] / T - H[q] + log Z,    p(x) = exp(-E(x) / T) / Z

q is where chains end, as a function of the weights that moved them. The energy that
scores the ends is held constant (paper, A.8, "a constant target function"), and so
is log Z: descent makes chains reach low energies, and, with the entropy, spread
out. The paper prints + H[q]; the divergence has the minus.

[1] Du and Mordatch, 2019, appendix A.8. https://arxiv.org/abs/1903.08689
[2] Kozachenko and Leonenko, Sample estimate of the entropy of a random vector, 1987;
    Kraskov, Stoegbauer and Grassberger, Estimating mutual information, 2004,
    equation 20, for any neighbour. https://arxiv.org/abs/cond-mat/0305641
[3] Du, Li, Tenenbaum and Mordatch, Improved contrastive divergence training of
    energy-based models, 2021, for the two together. https://arxiv.org/abs/2012.01316
"""

import math

import tensorflow as tf

from ebm_tf import checks
from ebm_tf.types import EnergyFn

# Least distance between neighbours, in units of x: two equal states have no log.
_LEAST = 1e-6


def chain_divergence(
    energy_fn: EnergyFn,
    x: tf.Tensor,
    *,
    entropy_weight: float,
    neighbour: int,
    global_batch_size: int,
) -> tf.Tensor:
    """Returns mean E(x) - entropy_weight * H[x], a scalar share, nats [1, 3].

    Up to a constant `T KL(q || p)` with T = `entropy_weight`.

    Args:
        energy_fn: `[B, ...] -> [B]`, nats; held constant.
        x: Chain ends with their history on the tape, float `[B, ...]`.
        entropy_weight: T, >= 0; 0 leaves the entropy out, as the paper does.
        neighbour: See `nearest_neighbour_entropy`; the B of this replica alone.
        global_batch_size: Number of chains over all replicas.
    """
    energy = tf.reduce_sum(held_constant(energy_fn, x)) / global_batch_size
    if entropy_weight == 0:
        return energy
    entropy = nearest_neighbour_entropy(x, neighbour)
    return energy - entropy_weight * entropy * (x.shape[0] / global_batch_size)


def held_constant(energy_fn: EnergyFn, x: tf.Tensor) -> tf.Tensor:
    """Returns E(x), `[B]`, nats, differentiable in `x` and in no weight, once."""
    fixed = tf.stop_gradient(x)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(fixed)
        energy = energy_fn(fixed)
    slope = tf.stop_gradient(tape.gradient(energy, fixed))
    # Zero, and its gradient is the slope.
    change = tf.reduce_sum(_flat(slope) * _flat(x - fixed), axis=1)
    return tf.stop_gradient(energy) + change


def nearest_neighbour_entropy(x: tf.Tensor, neighbour: int) -> tf.Tensor:
    """Returns an estimate of the entropy of what `x` was drawn from [2].

        psi(B) - psi(neighbour) + log V_d + d * mean(log r)

    r is the distance of a state to its `neighbour`-th nearest of the others, V_d the
    volume of the unit ball. Consistent for independent states; in many dimensions
    biased upwards, with a gradient that still spreads neighbours.

    Args:
        x: States, float `[B, ...]`, B static, more than `neighbour`.
        neighbour: Which one, >= 1.

    Returns:
        Scalar, nats, differentiable in every state.

    Raises:
        ValueError: If there are too few states.
    """
    x = _flat(x)
    num, num_dims = x.shape
    checks.require_count("neighbour", neighbour, high=num - 1)
    # Which one is nearest is a constant; only the distance to it has a gradient.
    norms = tf.reduce_sum(tf.square(x), axis=1)
    squares = norms[:, None] + norms[None] - 2.0 * tf.matmul(x, x, transpose_b=True)
    squares = tf.linalg.set_diag(squares, tf.fill([num], squares.dtype.max))
    _, nearest = tf.math.top_k(-tf.stop_gradient(squares), neighbour)
    away = x - tf.gather(x, nearest[:, -1])
    distance = tf.sqrt(tf.maximum(tf.reduce_sum(tf.square(away), axis=1), _LEAST**2))
    log_ball = num_dims / 2 * math.log(math.pi) - math.lgamma(num_dims / 2 + 1)
    counts = tf.math.digamma(tf.constant([num, neighbour], x.dtype))
    spread = num_dims * tf.reduce_mean(tf.math.log(distance))
    return counts[0] - counts[1] + log_ball + spread


def _flat(x: tf.Tensor) -> tf.Tensor:
    return tf.reshape(x, [x.shape[0], -1])
