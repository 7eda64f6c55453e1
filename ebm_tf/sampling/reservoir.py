"""Which of a stream's items to keep, so that the kept are a fair sample of all.

[1] Vitter, Random sampling with a reservoir, 1985, algorithm R.
"""

import tensorflow as tf

from ebm_tf import rng
from ebm_tf.types import Seed


def reservoir_slots(
    seed: Seed, num_before: tf.Tensor, num_new: int, capacity: int
) -> tf.Tensor:
    """Returns where to put the next items of a stream, or -1 [1].

    Item i, counted from 0, goes to slot i while there are empty ones; later to slot
    j, uniform on 0..i, if there is such a slot. So after n >= capacity items each is
    kept with probability capacity / n.

    Args:
        seed: `int32[2]`.
        num_before: Items of the stream so far, int64 scalar.
        num_new: Items now.
        capacity: Number of slots.

    Returns:
        `int32 [num_new]`: a slot, or -1 for an item that is not kept, be it because a
        later one of these takes its slot. No slot comes twice.
    """
    item = num_before + tf.range(num_new, dtype=tf.int64)
    part = rng.uniform(seed, [num_new], tf.float64)
    drawn = tf.cast(tf.cast(item + 1, tf.float64) * part, tf.int64)
    slot = tf.where(item < capacity, item, drawn)
    same = slot[:, None] == slot[None]
    later = tf.linalg.band_part(tf.cast(same, tf.int32), 0, -1) - tf.eye(
        num_new, dtype=tf.int32
    )
    kept = (slot < capacity) & (tf.reduce_sum(later, axis=1) == 0)
    return tf.cast(tf.where(kept, slot, -1), tf.int32)
