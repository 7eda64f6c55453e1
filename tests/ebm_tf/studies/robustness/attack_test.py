"""Projections and margins by hand."""

import numpy as np
import tensorflow as tf

from ebm_tf.box import UNIT
from ebm_tf.studies.robustness import attack


def test_what_is_projected_is_in_ball_and_box():
    origin = tf.constant(np.random.default_rng(0).random([20, 5]), tf.float32)
    x = origin + 3.0 * tf.random.stateless_normal([20, 5], [1, 2])
    for norm, order in (("linf", np.inf), ("l2", 2)):
        found = attack.project(x, origin, 0.2, norm, UNIT)
        length = np.linalg.norm(found - origin, order, axis=1)
        assert length.max() <= 0.2 + 1e-6 and length.max() > 0.15
        assert found.numpy().min() >= 0.0 and found.numpy().max() <= 1.0


def test_a_margin_is_of_the_best_wrong_class():
    logits = tf.constant([[1.0, 3.0, 2.0], [1.0, 3.0, 2.0]])
    np.testing.assert_array_equal(attack.margin(logits, tf.constant([1, 2])), [-1, 1])
