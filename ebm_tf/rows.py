"""One number of each row of a batch, beside the states of the batch."""

import tensorflow as tf


def per_row(values: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
    """Returns `values`, `[B]`, as `[B, 1, ..., 1]`, which broadcasts with `x`.

    Args:
        values: A number of each row.
        x: States, `[B, ...]`, a tensor or a variable.
    """
    return tf.reshape(values, [-1] + [1] * (len(x.shape) - 1))
