"""The contrastive loss of the paper.

[1] Du and Mordatch, 2019, equation 2, and appendix A.11 for the L2 term.
    https://arxiv.org/abs/1903.08689
"""

from typing import NamedTuple

import tensorflow as tf


class ContrastiveTerms(NamedTuple):
    """The loss and its parts, each this replica's share of the global value.

    Attributes:
        total: Scalar, `gap + l2_weight * magnitude`; what an update minimizes.
        gap: Scalar, nats: mean E(data) - mean E(negatives). Below 0 while the
            network tells them apart.
        magnitude: Scalar, nats**2: mean E(data)**2 + mean E(negatives)**2.
    """

    total: tf.Tensor
    gap: tf.Tensor
    magnitude: tf.Tensor


def contrastive_terms(
    data_energy: tf.Tensor,
    negative_energy: tf.Tensor,
    *,
    l2_weight: float,
    global_batch_size: int,
) -> ContrastiveTerms:
    """Returns the loss whose gradient raises negatives and lowers data [1].

    Sums are divided by the global batch, so that the sum of the replicas' terms
    is the mean over the whole batch, and the sum of their gradients its gradient.

    Args:
        data_energy: `[B]`, nats, of this replica's data.
        negative_energy: `[B]`, nats, of this replica's negatives.
        l2_weight: Coefficient of `magnitude`, per nat.
        global_batch_size: Number of data points over all replicas.
    """
    gap = tf.reduce_sum(data_energy - negative_energy) / global_batch_size
    squares = tf.square(data_energy) + tf.square(negative_energy)
    magnitude = tf.reduce_sum(squares) / global_batch_size
    return ContrastiveTerms(gap + l2_weight * magnitude, gap, magnitude)
