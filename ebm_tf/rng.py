"""Seeds as values: made once, folded and split, never global.

A seed is `int32[2]`. The same seed gives the same numbers, on every call, in
graph mode; XLA draws other numbers from the same seed, so results are
reproducible for one setting of `compile`, not across the two.
"""

import tensorflow as tf

from ebm_tf.types import Seed


def make_seed(value: int) -> Seed:
    """Returns the seed, `int32[2]`, of the whole number `value`."""
    low = value & 0x7FFFFFFF
    return tf.constant([low, (value >> 31) & 0x7FFFFFFF], tf.int32)


def fold_in(seed: Seed, data: int | tf.Tensor) -> Seed:
    """Returns the seed, `int32[2]`, that belongs to `seed` and the number `data`."""
    data = tf.cast(data, tf.int32)
    return tf.random.experimental.stateless_fold_in(seed, data)


def split(seed: Seed, num: int) -> list[Seed]:
    """Returns `num` independent seeds, each `int32[2]`."""
    return tf.unstack(tf.random.experimental.stateless_split(seed, num), num=num)


def normal(seed: Seed, shape, dtype: tf.DType = tf.float32) -> tf.Tensor:
    """Returns standard normal numbers of the given shape."""
    return tf.random.stateless_normal(shape, seed, dtype=dtype)


def uniform(seed: Seed, shape, dtype: tf.DType = tf.float32) -> tf.Tensor:
    """Returns numbers of the given shape, uniform on `[0, 1)`."""
    return tf.random.stateless_uniform(shape, seed, dtype=dtype)


def subset(seed: Seed, num: int, size: int) -> tf.Tensor:
    """Returns `size` different numbers below `num` in random order, `int32 [size]`.

    Those with the largest of `num` random keys: XLA has no `stateless_shuffle`.
    """
    keys = tf.random.stateless_uniform([num], seed, None, None, dtype=tf.int32)
    return tf.math.top_k(keys, size).indices
