"""Which examples an update sees: a function of the seed and its number alone.

Lay the epochs end to end, each a permutation of all examples of its own. Update t
takes positions `t * B` to `t * B + B - 1` of that endless sequence. So nothing is
dropped, an epoch need not be a whole number of batches, and a batch that spans the
end of an epoch may hold an example twice. A resumed run needs no state.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.data import order
from ebm_tf.data.shards import Examples

# Keeps these seeds apart from those that updates fold from the same run seed.
_STREAM = 2**31 - 1
_NUM_READERS = 2
_NUM_READY = 4


def batches(
    examples: Examples, seed: int, batch_size: int
) -> Callable[[int, int], tf.data.Dataset]:
    """Returns the function that gives the batches of a run of updates.

    Args:
        examples: What to draw from.
        seed: Decides the order.
        batch_size: B, examples of one update; if there are fewer, it holds each of
            them as often as the next, or once more.

    Returns:
        `(first, last) -> dataset` of the batches of updates first, ..., last - 1:
        states and labels, B of each, as `examples` has them. They are read ahead, a
        few at a time, in other threads.

    Raises:
        ValueError: If `batch_size` is below 1.
    """
    checks.require_count("batch_size", batch_size)

    def gather(indices: np.ndarray):
        return examples.gather(indices)

    def batch(update):
        indices = update_indices(update, seed, batch_size, examples.num_examples)
        images, labels = tf.numpy_function(
            gather, [indices], [examples.dtype, examples.labels.dtype], stateful=False
        )
        images.set_shape([batch_size, *examples.shape])
        labels.set_shape([batch_size, *examples.labels.shape[1:]])
        return images, labels

    def between(first: int, last: int) -> tf.data.Dataset:
        updates = tf.data.Dataset.range(first, last)
        data = updates.map(batch, num_parallel_calls=_NUM_READERS, deterministic=True)
        return data.prefetch(_NUM_READY)

    return between


def update_indices(
    update: int | tf.Tensor, seed: int, batch_size: int, num_examples: int
) -> tf.Tensor:
    """Returns the indices of the examples of one update, int64 [batch_size].

    Args:
        update: Its number, from 0.
        seed: Decides the order.
        batch_size: B.
        num_examples: How many there are to draw from.
    """
    start = tf.cast(update, tf.int64) * batch_size
    positions = start + tf.range(batch_size, dtype=tf.int64)
    first = start // num_examples
    # One no larger than an epoch touches two at most.
    num_epochs = -(-batch_size // num_examples) + 1
    stream = rng.fold_in(rng.make_seed(seed), _STREAM)
    seeds = tf.stack([rng.fold_in(stream, first + i) for i in range(num_epochs)])
    seeds = tf.gather(seeds, positions // num_examples - first)
    return order.permuted(positions % num_examples, seeds, num_examples)
