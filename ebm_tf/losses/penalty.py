"""A penalty on steep energies.

[1] Du and Mordatch, 2019, appendix A.12, which had no success with one.
[2] Mescheder, Geiger and Nowozin, Which training methods for GANs do actually
    converge?, 2018, section 4.1: the form used here. https://arxiv.org/abs/1801.04406
"""

import tensorflow as tf

from ebm_tf.types import EnergyFn


def gradient_penalty(
    energy_fn: EnergyFn, x: tf.Tensor, *, global_batch_size: int
) -> tf.Tensor:
    """Returns mean |dE/dx|**2 at the data, a scalar share, nats**2 per unit**2 [2].

    Args:
        energy_fn: `[B, ...] -> [B]`, nats.
        x: Data, float `[B, ...]`.
        global_batch_size: Number of data points over all replicas.
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        energy = energy_fn(x)
    slope = tape.gradient(energy, x)
    return tf.reduce_sum(tf.square(slope)) / global_batch_size
