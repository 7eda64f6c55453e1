"""Flow matching and the trimmed contrast, by hand."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.losses.flow import flow_matching, trimmed_contrast


def test_the_error_is_that_of_the_slope_on_the_path():
    noise = tf.constant([[0.0, 1.0], [2.0, 0.0]])
    x = tf.constant([[1.0, 3.0], [0.0, 4.0]])
    found = flow_matching(
        lambda y: tf.reduce_sum(tf.square(y), axis=1), noise, x, tf.constant([0.5, 0.0])
    )
    # y is (0.5, 2) and (2, 0), velocities are (1, 2) and (-2, 4), and dV/dy is 2 y.
    np.testing.assert_allclose(found.error, [(4.0 + 36.0) / 2, (4.0 + 16.0) / 2])
    np.testing.assert_allclose(found.energy, [4.25, 4.0])


def contrast(data, negatives, **changes):
    fields = {"trim": 0.25, "least": 100.0, "global_batch_size": 8} | changes
    return trimmed_contrast(
        tf.convert_to_tensor(data), tf.convert_to_tensor(negatives), **fields
    )


def test_ends_of_the_negatives_do_not_count():
    data, negatives = [1.0, 2.0, 3.0, 4.0], [-90.0, 5.0, 7.0, 1000.0]
    # A replica with half of the batch has half of the mean.
    assert float(contrast(data, negatives)) == pytest.approx((2.5 - 6.0) / 2)


def test_what_is_told_apart_has_no_gradient_left():
    weight = tf.Variable(1.0)
    for least, wanted in ((10.0, (1.0 - 5.0) / 2), (3.0, 0.0)):
        with tf.GradientTape() as tape:
            loss = contrast(weight * tf.ones(4), 5.0 * weight * tf.ones(4), least=least)
        assert float(loss) == pytest.approx(-min(least, 4.0) / 2)
        assert float(tape.gradient(loss, weight) or 0.0) == pytest.approx(wanted)
