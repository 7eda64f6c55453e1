"""Flow matching: the slope of an energy is fitted to straight paths from noise to data.

[1] Lipman et al., Flow matching for generative modeling, ICLR 2023.
    https://arxiv.org/abs/2210.02747
[2] Balcerak et al., Energy matching: unifying flow matching and energy-based models
    for generative modeling, NeurIPS 2025. https://arxiv.org/abs/2504.10612
"""

from typing import NamedTuple

import tensorflow as tf

from ebm_tf.rows import per_row
from ebm_tf.types import EnergyFn


class FlowMatching(NamedTuple):
    """Of each row, `[B]`.

    Attributes:
        error: Squared error of the slope, a mean over coordinates.
        energy: Of the state on its path.
    """

    error: tf.Tensor
    energy: tf.Tensor


def flow_matching(
    energy_fn: EnergyFn, noise: tf.Tensor, x: tf.Tensor, time: tf.Tensor
) -> FlowMatching:
    """Returns `mean((-dV/dy - (x - noise))**2)` at `y = (1 - time) noise + time x` [2].

    Least where minus the slope of V is the mean velocity of all paths through y: V is
    then the potential of a flow from noise to data. As V is not told the time, the
    mean is over times too.

    Args:
        energy_fn: V, `[B, ...] -> [B]`.
        noise: Where paths begin, float `[B, ...]`.
        x: Data, where they end, same shape.
        time: Of each row, from 0 to 1, `[B]`.
    """
    rows = per_row(time, x)
    y = (1.0 - rows) * noise + rows * x
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(y)
        energy = energy_fn(y)
    velocity = -tape.gradient(energy, y)
    axes = list(range(1, x.shape.rank))
    error = tf.reduce_mean(tf.square(velocity - (x - noise)), axis=axes)
    return FlowMatching(error, energy)


def trimmed_contrast(
    data_energy: tf.Tensor,
    negative_energy: tf.Tensor,
    *,
    trim: float,
    least: float,
    global_batch_size: int,
) -> tf.Tensor:
    """Returns `max(mean V(data) - mean V(negatives), -least)`, a scalar share [2].

    The highest and the lowest negatives are left out of their mean. The bound ends
    the gradient once data and negatives are told apart by so much. Both are those of
    what one replica has.

    Args:
        data_energy: `[B]`.
        negative_energy: `[B]`.
        trim: Share of negatives left out at either end, in [0, 0.5).
        least: Largest difference that counts, > 0, in units of the energy.
        global_batch_size: Number of data points over all replicas.
    """
    num = negative_energy.shape[0]
    left_out = int(trim * num)
    kept = tf.sort(negative_energy)[left_out : num - left_out]
    gap = tf.reduce_mean(data_energy) - tf.reduce_mean(kept)
    return tf.maximum(gap, -least) * num / global_batch_size
