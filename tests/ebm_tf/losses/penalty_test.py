"""The penalty of a parabola by hand."""

import pytest
import tensorflow as tf

from ebm_tf.losses.penalty import gradient_penalty


def test_squared_slope_and_its_gradient_in_the_weight():
    # E = w |x|^2 / 2: |dE/dx|^2 = w^2 |x|^2, here 9 * (5 + 1) / 2.
    weight = tf.Variable(3.0)
    x = tf.constant([[1.0, 2.0], [0.0, 1.0]])
    with tf.GradientTape() as tape:
        penalty = gradient_penalty(
            lambda x: weight * tf.reduce_sum(x * x, axis=1) / 2, x, global_batch_size=2
        )
    assert float(penalty) == pytest.approx(27.0)
    assert float(tape.gradient(penalty, weight)) == pytest.approx(2 * 3.0 * 3.0)
