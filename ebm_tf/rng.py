"""Seeds as values: made once, folded and split, never global.

A seed is `int32[2]`. The same seed gives the same numbers, on every call, in
graph mode; XLA draws other numbers from the same seed, so results are
reproducible for one setting of `compile`, not across the two.

Where a batch is drawn for several askers, each row has a seed of its own: `int32[B, 2]`
in place of `int32[2]`, to the functions that say so. What a row gets then depends
neither on its place nor on the other rows.
"""

from collections.abc import Callable

import tensorflow as tf

from ebm_tf.types import Seed


def make_seed(value: int) -> Seed:
    """Returns the seed, `int32[2]`, of the whole number `value`."""
    low = value & 0x7FFFFFFF
    return tf.constant([low, (value >> 31) & 0x7FFFFFFF], tf.int32)


def fold_in(seed: Seed, data: int | tf.Tensor) -> Seed:
    """Returns the seed, or those of rows, that belongs to `seed` and number `data`."""
    data = tf.cast(data, tf.int32)
    if is_by_row(seed):
        return by_row(lambda own: fold_in(own, data), seed, tf.int32)
    return tf.random.experimental.stateless_fold_in(seed, data)


def split(seed: Seed, num: int) -> list[Seed]:
    """Returns `num` independent seeds, each `int32[2]`, or as many seeds of rows."""
    if is_by_row(seed):
        seeds = by_row(lambda own: tf.stack(split(own, num)), seed, tf.int32)
        return tf.unstack(seeds, num=num, axis=1)
    return tf.unstack(tf.random.experimental.stateless_split(seed, num), num=num)


def is_by_row(seed: Seed) -> bool:
    """Returns whether there is a seed for each row, `int32[B, 2]`."""
    return seed.shape.rank == 2


def by_row(draw: Callable[[Seed], tf.Tensor], seed: Seed, dtype: tf.DType) -> tf.Tensor:
    """Returns what `draw` returns for the seed of each row, stacked.

    Args:
        draw: Returns a tensor, always of one shape, given `int32[2]`.
        seed: `int32[B, 2]`.
        dtype: Of what `draw` returns.
    """
    return tf.map_fn(draw, seed, fn_output_signature=dtype)


def normal(seed: Seed, shape, dtype: tf.DType = tf.float32) -> tf.Tensor:
    """Returns standard normal numbers of the given shape; takes seeds of rows."""
    if is_by_row(seed):
        return by_row(lambda own: normal(own, shape[1:], dtype), seed, dtype)
    return tf.random.stateless_normal(shape, seed, dtype=dtype)


def uniform(seed: Seed, shape, dtype: tf.DType = tf.float32) -> tf.Tensor:
    """Returns numbers of the given shape, uniform on `[0, 1)`; takes seeds of rows."""
    if is_by_row(seed):
        return by_row(lambda own: uniform(own, shape[1:], dtype), seed, dtype)
    return tf.random.stateless_uniform(shape, seed, dtype=dtype)


def subset(seed: Seed, num: int, size: int) -> tf.Tensor:
    """Returns `size` different numbers below `num` in random order, `int32 [size]`.

    Those with the largest of `num` random keys: XLA has no `stateless_shuffle`.
    """
    keys = tf.random.stateless_uniform([num], seed, None, None, dtype=tf.int32)
    return tf.math.top_k(keys, size).indices
