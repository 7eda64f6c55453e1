"""Tasks that no energy forgets, a classifier that forgets, and shares by hand."""

import dataclasses

import numpy as np
import pytest

from ebm_tf.energy.networks.convnet import ConvNetConfig
from ebm_tf.studies import StudyConfig
from ebm_tf.studies.continual import ContinualConfig, findings
from tests.ebm_tf.studies import known
from tests.ebm_tf.studies.continual import corners
from tests.ebm_tf.studies.continual.corners import CONFIG

UNCONDITIONAL = ConvNetConfig(
    stem_filters=4,
    filters=4,
    activation="swish",
    kernel_initializer="unit_normal",
    normalize_head=False,
)


@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    return corners.subject(tmp_path_factory.mktemp("examples"))


@pytest.fixture(scope="module")
def found(subject):
    fast = dataclasses.replace(CONFIG.optimizer, learning_rate=0.03)
    fast = dataclasses.replace(fast, final_learning_rate=0.03)
    return dataclasses.replace(CONFIG, optimizer=fast).run(subject)


def test_a_classifier_forgets_and_the_energy_does_not(found):
    table = found.tables["accuracy"]
    plain = np.array(table[findings.PLAIN]["matrix"])
    # The second task's classes are all that it ever says after the second task.
    assert plain[0].tolist() == [1.0, 0.0] and plain[1].tolist() == [0.0, 1.0]
    assert table[findings.PLAIN]["mean"] == 0.5
    assert table[findings.PLAIN]["forgetting"] == 1.0
    assert table[findings.ENERGY]["mean"] > 0.9
    assert table[findings.ENERGY]["forgetting"] < 0.2
    assert set(found.figures) == {"seen", "tasks"}
    assert found.details[findings.PLAIN]["mean"] == 0.5
    assert found.notes["num_updates"] == 40


def test_numbers_of_shares_by_hand():
    looks = np.array([[[1.0, 0.0], [0.5, 1.0]], [[0.8, 0.0], [0.6, 0.6]]])
    row = findings._summary(looks, np.array([0.25, 0.75]))
    assert row["matrix"] == pytest.approx(np.array([[0.9, 0.0], [0.55, 0.8]]))
    assert row["last"] == pytest.approx([0.875, 0.6])
    assert row["mean"] == pytest.approx(0.7375)
    assert row["standard_error"] == pytest.approx(0.1375)
    assert row["seen"] == pytest.approx([0.9, 0.7375])
    # 1 to 0.5, and 0.8 to 0.6.
    assert row["forgetting"] == pytest.approx(0.35)


def test_an_image_is_seen_once(subject):
    config = dataclasses.replace(CONFIG, images_per_class=30, batch_size=7)
    orders = findings._orders(config, subject.examples["train"].labels, 0)
    labels = subject.examples["train"].labels
    assert [sorted(set(labels[o])) for o in orders] == [[0, 1], [2, 3]]
    seen = np.concatenate([findings._batches(config, o) for o in orders]).ravel()
    assert len(seen) == len(set(seen)) == 2 * 56  # 60 of a task, 4 are left over


@pytest.mark.parametrize(
    "name, value",
    [
        ("num_seeds", 1),
        ("classes_per_task", 3),
        ("negatives", "all"),
        ("batch_size", 17),
        ("images_per_class", 0),
        ("network", UNCONDITIONAL),
    ],
)
def test_bad_settings_are_named(name, value):
    told = "objective.replay.capacity" if name == "batch_size" else name
    with pytest.raises(ValueError, match=f"`{told}` must be"):
        dataclasses.replace(CONFIG, **{name: value})


def test_examples_that_it_is_not_for(subject, tmp_path):
    assert StudyConfig.of_kind("continual") is ContinualConfig
    assert not ContinualConfig.needs_model
    three = known.subject(None, examples=known.examples(tmp_path))
    with pytest.raises(ValueError, match="`--examples` must be of as many classes"):
        CONFIG.run(three)
    many = dataclasses.replace(
        CONFIG,
        batch_size=200,
        objective=dataclasses.replace(
            CONFIG.objective,
            replay=dataclasses.replace(CONFIG.objective.replay, capacity=200),
        ),
    )
    with pytest.raises(ValueError, match="`batch_size` must be a batch of the images"):
        many.run(subject)
    few = dataclasses.replace(CONFIG, num_test=1)
    with pytest.raises(ValueError, match="`num_test` must be so many"):
        few.run(subject)
