"""Tuning of joined parabolas: gradients by their formula, and where chains end."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.studies.composition import AskedConfig, JoinConfig, TuningConfig, joins
from ebm_tf.studies.composition.tuning import Update, tuned
from tests.ebm_tf.studies import known
from tests.ebm_tf.studies.composition import attributes

BOTH = JoinConfig(terms=(AskedConfig(attribute="class"), AskedConfig(attribute="u")))
STEP = known.QUIET.step_size


@pytest.fixture(scope="module")
def subject():
    return known.subject(
        known.energy(),
        dataclasses.replace(known.QUIET, num_steps=3),
        models={"model_1": attributes.of_numbers(1.0)},
        label_names={"model_1": ("u",)},
    )


def asked(num):
    return [np.zeros(num, np.int32), np.full([num, 1], 0.6, np.float32)]


@pytest.mark.parametrize("through, weight", [(1, 1.0), (3, 1.0), (3, 0.0)])
def test_gradients_are_those_of_the_formula(subject, through, weight):
    config = TuningConfig(
        batch_size=5, num_grad_steps=through, kl_weight=weight, l2_weight=0.0
    )
    composed = joins.Composed(joins.parts_of(subject), BOTH, subject)
    update = Update(composed, config, subject, [subject.energy])
    x, start = (tf.constant(known.states(5, 0.05, seed)[0]) for seed in (0, 1))
    given = composed.conditions_of(asked(5))
    [centres] = subject.energy.trainable_variables
    with tf.GradientTape() as tape:
        loss = update.loss(x, start, given, tf.constant([1, 2]))
    slope = tf.convert_to_tensor(tape.gradient(loss, centres)).numpy()
    # E = |x - c|^2 / 2 + |x - u|^2 / 2, a step is x - s (2 x - c - u): a share of
    # 1 - 2 s is kept, s times the centre comes to it.
    data, ends = x.numpy().reshape(5, 4), start.numpy().reshape(5, 4)
    centre, moved = known.CENTRES[0], 0.0
    for step in range(3):
        ends = ends - STEP * (2.0 * ends - centre - 0.6)
        moved = (1.0 - 2.0 * STEP) * moved + STEP * (step >= 3 - through)
    lower = (centre - data) - (centre - ends)
    wanted = lower.mean(axis=0)
    wanted += weight * moved * (2.0 * ends - centre - 0.6).mean(axis=0)
    np.testing.assert_allclose(slope[0], wanted, rtol=1e-3, atol=1e-5)
    assert not np.any(slope[1:])


def test_chains_come_to_end_at_the_data(subject):
    """Centres move until the middle between them and u is where images are."""
    images = np.full([20, *known.SHAPE], 0.7, np.float32)
    composed = joins.Composed(joins.parts_of(subject), BOTH, subject)
    config = TuningConfig(
        num_updates=60, batch_size=10, learning_rate=0.02, num_grad_steps=3
    )
    config = dataclasses.replace(config, l2_weight=0.0, kl_weight=0.1)
    longer = dataclasses.replace(known.QUIET, num_steps=12)
    told = dataclasses.replace(subject, sampler=longer)
    before = subject.energy.get_weights()[0]
    start = np.abs((before[0] + 0.6) / 2.0 - 0.7).max()
    with tuned(composed, config, told, images, asked(20)):
        after = subject.energy.get_weights()[0]
    apart = np.abs((after[0] + 0.6) / 2.0 - 0.7).max()
    assert apart < 0.06 < 0.2 < start
    np.testing.assert_array_equal(after[1:], before[1:])
    np.testing.assert_array_equal(subject.energy.get_weights()[0], before)
