"""A conditional energy as a classifier: p(y | x) = softmax(-E(x, y)).

[1] Grathwohl et al., Your classifier is secretly an energy based model and you
    should treat it like one, 2020. https://arxiv.org/abs/1912.03263
"""

import tensorflow as tf


def label_cross_entropy(
    label_energy: tf.Tensor, labels: tf.Tensor, *, global_batch_size: int
) -> tf.Tensor:
    """Returns mean -log p(y | x), a scalar share, nats [1].

    With the contrastive loss of p(x | y) it is that of the joint p(x, y) under
    uniform labels.

    Args:
        label_energy: E(x, y) of each label y, `[B, num_classes]`, nats.
        labels: `int32 [B]`.
        global_batch_size: Number of data points over all replicas.
    """
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, -label_energy)
    return tf.reduce_sum(losses) / global_batch_size
