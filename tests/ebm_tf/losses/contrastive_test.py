"""The loss by hand counts, and its sum over replicas."""

import numpy as np
import tensorflow as tf

from ebm_tf.losses.contrastive import contrastive_terms


def test_hand_count():
    terms = contrastive_terms(
        tf.constant([1.0, 3.0]),
        tf.constant([2.0, -2.0]),
        l2_weight=0.5,
        global_batch_size=2,
    )
    assert float(terms.gap) == 2.0  # (4 - 0) / 2
    assert float(terms.magnitude) == 9.0  # (1 + 9 + 4 + 4) / 2
    assert float(terms.total) == 6.5


def test_replicas_add_up_to_the_whole_batch():
    data, negatives = tf.random.normal([2, 8])
    whole = contrastive_terms(data, negatives, l2_weight=0.1, global_batch_size=8)
    halves = [
        contrastive_terms(
            data[part], negatives[part], l2_weight=0.1, global_batch_size=8
        )
        for part in (slice(0, 4), slice(4, 8))
    ]
    for name in whole._fields:
        total = sum(float(getattr(half, name)) for half in halves)
        np.testing.assert_allclose(total, getattr(whole, name), rtol=1e-5)


def test_descent_lowers_data_and_raises_negatives():
    data, negatives = tf.Variable([0.0, 0.0]), tf.Variable([0.0, 0.0])
    with tf.GradientTape() as tape:
        terms = contrastive_terms(data, negatives, l2_weight=1.0, global_batch_size=2)
    down, up = tape.gradient(terms.total, [data, negatives])
    np.testing.assert_array_equal(down, [0.5, 0.5])
    np.testing.assert_array_equal(up, [-0.5, -0.5])
