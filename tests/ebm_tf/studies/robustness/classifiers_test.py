"""Energies after steps down them, which are formulas; levels as a network sees them."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.box import PIXELS, UNIT
from ebm_tf.studies.robustness import RefinementConfig, classifiers
from tests.ebm_tf.studies import known

TWO = known.CENTRES[:2]


@pytest.mark.parametrize("radius", [1.0, 0.02])
def test_a_refinement_goes_down_the_energy_of_each_class_within_its_ball(radius):
    x = tf.constant([[0.3, 0.5, 0.5, 0.6]], tf.float32)
    model = known.energy(TWO)
    steps = RefinementConfig(num_steps=3, step_size=0.5, radius=radius)
    states = tf.reshape(x, [1, *known.SHAPE])
    logits = classifiers.by_energy(model, UNIT, None, steps)(states)
    expected = []
    for centre in TWO:
        gap = x.numpy()[0] - centre
        # Half of the way at each step, unless the ball ends before.
        expected.append(-np.square(gap - np.clip(gap * 0.875, -radius, radius)).sum())
    np.testing.assert_allclose(logits[0], np.array(expected) / 2.0, rtol=1e-4)


def test_a_classifier_of_levels_sees_states_as_levels():
    levels = classifiers.by_network(lambda x, training: x, PIXELS)
    np.testing.assert_allclose(levels(tf.constant([[0.0, 1.0]])), [[0.0, 255.0]])
