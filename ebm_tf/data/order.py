"""The order of examples: a random permutation that takes no memory."""

import tensorflow as tf

from ebm_tf.types import Seed

# `tf.random.experimental.index_shuffle` uses 4, and with 4 the places of examples
# two apart are correlated (0.25 for 55,000 of them); from 16 on nothing shows.
_NUM_ROUNDS = 16


def permuted(positions: tf.Tensor, seed: Seed, num: int) -> tf.Tensor:
    """Returns which example stands at each position of the order of `seed`.

    Over all positions this is a permutation of `0 ... num - 1`. A position costs
    microseconds from some thousand examples on, and up to a millisecond for ten (the
    cipher permutes 2**16 numbers at least, and is repeated until it lands below
    `num`).

    Args:
        positions: int64 [B], in `[0, num)`.
        seed: int32 [2]; or [B, 2], one for each position.
        num: Number of examples, > 0.

    Returns:
        int64 [B], in `[0, num)`.
    """
    # The operation wants three numbers for a seed.
    seed = tf.concat([seed, tf.zeros_like(seed[..., :1])], axis=-1)
    return tf.raw_ops.RandomIndexShuffle(
        index=positions,
        seed=seed,
        max_index=tf.constant(num - 1, tf.int64),
        rounds=_NUM_ROUNDS,
    )
