"""What learners begin with: a buffer, an optimizer, the classes of a task."""

import dataclasses

import keras
import numpy as np
import pytest

from ebm_tf.studies.continual import learners
from ebm_tf.training.optimizer import make_optimizer
from tests.ebm_tf.studies.continual import corners
from tests.ebm_tf.studies.continual.corners import CONFIG


@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    return corners.subject(tmp_path_factory.mktemp("examples"))


def test_negatives_of_all_classes_seen(subject):
    config = dataclasses.replace(CONFIG, negatives="seen")
    learner = learners.EnergyLearner(config, subject, 1)
    learner.begin(0)
    [held] = learner._trainer.memory.parts.values()
    learner.begin_task(0, np.array([0, 1]))
    assert np.bincount(held["labels"].numpy()).tolist() == [8, 8]
    before = held["states"].numpy()
    learner.begin_task(1, np.array([2, 3]))
    assert np.bincount(held["labels"].numpy()).tolist() == [8, 0, 4, 4]
    kept = held["labels"].numpy() < 2
    assert np.array_equal(held["states"].numpy()[kept], before[kept])
    assert not np.any(np.all(held["states"].numpy() == before, (1, 2, 3)) & ~kept)


def test_an_optimizer_that_begins_anew_steps_as_at_first():
    weight = keras.Variable([1.0, -2.0])
    optimizer = make_optimizer(CONFIG.optimizer, 10)
    optimizer.build([weight])
    steps = []
    for _ in range(2):
        weight.assign([1.0, -2.0])
        optimizer.apply([keras.ops.convert_to_tensor([0.5, 3.0])], [weight])
        optimizer.apply([keras.ops.convert_to_tensor([-4.0, 3.0])], [weight])
        steps.append(weight.numpy())
        learners.restart(optimizer)
    np.testing.assert_array_equal(steps[0], steps[1])
    # The first update moves each weight by the rate, which is not forgotten.
    weight.assign([0.0, 0.0])
    optimizer.apply([keras.ops.convert_to_tensor([0.5, -3.0])], [weight])
    rate = CONFIG.optimizer.learning_rate
    np.testing.assert_allclose(weight.numpy(), [-rate, rate], rtol=1e-4)


def test_a_classifier_of_the_task_leaves_other_classes_alone(subject):
    learner = learners.Classifier(CONFIG, subject, of_task=True)
    learner.begin(0)
    learner.begin_task(0, np.array([0, 1]))
    head = learner._model.layers[-1]
    before = head.kernel.numpy()
    learner.learn(*subject.examples["train"].gather(np.arange(0, 16, 4)))
    moved = np.any(head.kernel.numpy() != before, axis=0)
    assert moved.tolist() == [True, True, False, False]


def test_the_same_network_as_a_classifier_of_the_task(subject):
    learner = learners.SameNetwork(CONFIG, subject)
    learner.begin(0)
    first = learners.new_energy(CONFIG, subject, 0)
    x, labels = subject.examples["test"].gather(np.arange(40))
    x = subject.space.center(x).numpy()
    before = learner._judge.of_classes(x)
    conditions = np.tile(np.arange(4, dtype=np.int32), 40)
    wanted = first(np.repeat(x, 4, axis=0), conditions).numpy().reshape(40, 4)
    np.testing.assert_allclose(before, wanted, rtol=1e-4, atol=1e-5)
    learner.begin_task(1, np.array([2, 3]))
    rows = np.flatnonzero(subject.examples["train"].labels >= 2)
    for part in np.split(rows, 20):
        learner.learn(*subject.examples["train"].gather(part))
    after = learner._judge.of_classes(x)
    np.testing.assert_array_equal(after[:, :2], before[:, :2])
    gaps = [(each[:, 2] - each[:, 3])[labels == 2].mean() for each in (before, after)]
    assert gaps[1] < gaps[0]
