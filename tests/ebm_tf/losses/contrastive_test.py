"""The losses by hand counts, and their sums over replicas."""

import functools
import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.losses import contrastive

LOSSES = {
    "cd": contrastive.contrastive_divergence,
    "softplus": contrastive.softplus_contrast,
    "magnitude": contrastive.magnitude,
}


def logsumexp(data, negatives, everyone):
    return contrastive.logsumexp_contrast(
        data,
        negatives,
        global_batch_size=everyone.shape[0],
        log_normalizer=tf.reduce_logsumexp(-everyone),
    )


def gradients(loss_fn, data, negatives):
    data, negatives = tf.Variable(data), tf.Variable(negatives)
    with tf.GradientTape() as tape:
        loss = loss_fn(data, negatives)
    return tape.gradient(loss, [data, negatives])


def test_contrastive_divergence_by_hand():
    # (1 + 3) / 2 - (2 - 2) / 2
    fn = functools.partial(contrastive.contrastive_divergence, global_batch_size=2)
    assert float(fn(tf.constant([1.0, 3.0]), tf.constant([2.0, -2.0]))) == 2.0
    down, up = gradients(fn, [1.0, 3.0], [2.0, -2.0])
    np.testing.assert_array_equal(down, [0.5, 0.5])
    np.testing.assert_array_equal(up, [-0.5, -0.5])


def test_magnitude_by_hand():
    value = contrastive.magnitude(
        tf.constant([1.0, 3.0]), tf.constant([2.0, -2.0]), global_batch_size=2
    )
    assert float(value) == 9.0  # (1 + 9 + 4 + 4) / 2


def test_softplus_by_hand():
    # Differences 0 and log 3: log(1 + 1) + log(1 + 3); weights 1/2 and 3/4.
    fn = functools.partial(contrastive.softplus_contrast, global_batch_size=2)
    data, negatives = [1.0, math.log(3.0)], [1.0, 0.0]
    value = fn(tf.constant(data), tf.constant(negatives))
    assert float(value) == pytest.approx(math.log(8.0) / 2)
    down, up = gradients(fn, data, negatives)
    np.testing.assert_allclose(down, [0.25, 0.375], rtol=1e-6)
    np.testing.assert_allclose(up, [-0.25, -0.375], rtol=1e-6)


def test_logsumexp_by_hand():
    # exp(-E) of the negatives: 3 and 1, so weights 3/4 and 1/4, log mean log 2.
    data, negatives = [1.0, 3.0], [-math.log(3.0), 0.0]
    fn = functools.partial(logsumexp, everyone=tf.constant(negatives))
    value = fn(tf.constant(data), tf.constant(negatives))
    assert float(value) == pytest.approx(2.0 + math.log(2.0))
    down, up = gradients(fn, data, negatives)
    np.testing.assert_allclose(down, [0.5, 0.5], rtol=1e-6)
    np.testing.assert_allclose(up, [-0.75, -0.25], rtol=1e-6)


@pytest.mark.parametrize("name", [*LOSSES, "logsumexp"])
def test_replicas_add_up_to_the_whole_batch(name):
    data, negatives = tf.random.stateless_normal([2, 8], [1, 2])
    if name == "logsumexp":
        fn = functools.partial(logsumexp, everyone=negatives)
    else:
        fn = functools.partial(LOSSES[name], global_batch_size=8)
    parts = [slice(0, 3), slice(3, 8)]
    total = sum(float(fn(data[part], negatives[part])) for part in parts)
    assert total == pytest.approx(float(fn(data, negatives)), rel=1e-5)


def test_logsumexp_is_the_contrastive_divergence_of_equal_energies():
    data, negatives = tf.constant([1.0, 2.0]), tf.constant([40.0, 40.0])
    loss = logsumexp(data, negatives, everyone=negatives)
    assert float(loss) == pytest.approx(1.5 - 40.0)
