"""Losses that compare the energies of data with those of negatives.

Every function takes what one replica has, `[B]` energies in nats, and returns its
share of a global mean: sums are divided by the global batch, so that the replicas'
values, and their gradients, add up to those of the whole batch.

[1] Du and Mordatch, 2019, equation 2, and appendix A.11 for the L2 term.
    https://arxiv.org/abs/1903.08689
"""

import tensorflow as tf


def contrastive_divergence(
    data_energy: tf.Tensor, negative_energy: tf.Tensor, *, global_batch_size: int
) -> tf.Tensor:
    """Returns mean E(data) - mean E(negatives), a scalar share, nats [1].

    Its descent lowers data and raises negatives. Below 0 while the network tells
    them apart.
    """
    return tf.reduce_sum(data_energy - negative_energy) / global_batch_size


def softplus_contrast(
    data_energy: tf.Tensor, negative_energy: tf.Tensor, *, global_batch_size: int
) -> tf.Tensor:
    """Returns mean log(1 + exp(E(data) - E(negative))), a scalar share, nats.

    Row by row: a pair weighs `sigmoid(E(data) - E(negative))`, little once its
    negative is some nats above its data.
    """
    return (
        tf.reduce_sum(tf.nn.softplus(data_energy - negative_energy)) / global_batch_size
    )


def logsumexp_contrast(
    data_energy: tf.Tensor,
    negative_energy: tf.Tensor,
    *,
    global_batch_size: int,
    log_normalizer: tf.Tensor,
) -> tf.Tensor:
    """Returns mean E(data) + log mean exp(-E(negatives)), a scalar share, nats.

    A negative weighs `exp(-E) / sum(exp(-E))`, the sum over the global batch, so
    that the lowest are raised most. With equal energies it is the contrastive
    divergence, in value and in gradient.

    Args:
        data_energy: `[B]`, nats, of this replica's data.
        negative_energy: `[B]`, nats, of its negatives.
        global_batch_size: Number of data points over all replicas.
        log_normalizer: Scalar, nats: `log(sum(exp(-E)))` over every replica's
            negatives at the same weights; a constant to the gradient, which stays
            exact.
    """
    log_normalizer = tf.stop_gradient(log_normalizer)
    # The shares add up to 1 over the replicas, and have the gradient of the log.
    shares = tf.reduce_sum(tf.exp(-negative_energy - log_normalizer))
    num = tf.cast(tf.size(negative_energy), shares.dtype)
    rest = log_normalizer - tf.math.log(float(global_batch_size)) - 1.0
    data = tf.reduce_sum(data_energy) / global_batch_size
    return data + shares + rest * num / global_batch_size


def magnitude(
    data_energy: tf.Tensor, negative_energy: tf.Tensor, *, global_batch_size: int
) -> tf.Tensor:
    """Returns mean E(data)**2 + mean E(negatives)**2, a scalar share, nats**2 [1]."""
    squares = tf.square(data_energy) + tf.square(negative_energy)
    return tf.reduce_sum(squares) / global_batch_size
