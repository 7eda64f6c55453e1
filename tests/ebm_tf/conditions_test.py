"""Spaces of conditions: what is drawn, what comes in turn, what is refused."""

import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import conditions, rng
from ebm_tf.energy.config import NoiseLevelConfig

SEED = rng.make_seed(3)
BOTH = conditions.Several(
    {"noise_level": conditions.NoiseLevel(0.1, 10.0), "labels": conditions.Classes(3)}
)


def test_label_space_of_a_configuration():
    assert conditions.condition_space(None, None) is None
    assert conditions.condition_space(4, None) == conditions.Classes(4)
    assert conditions.condition_space(None, 2) == conditions.Numbers(2)
    level = NoiseLevelConfig(low=0.1, high=2.0)
    assert conditions.condition_space(None, None, level) == conditions.NoiseLevel(
        0.1, 2.0
    )
    both = conditions.condition_space(4, None, level)
    assert both.parts == {
        "labels": conditions.Classes(4),
        "noise_level": conditions.NoiseLevel(0.1, 2.0),
    }
    assert conditions.Numbers(2).shape == (2,) and conditions.Classes(4).shape == ()


def test_several_conditions_are_a_dict_of_each():
    assert list(BOTH.parts) == ["labels", "noise_level"]
    assert str(BOTH) == "3 classes and noise levels from 0.1 to 10"
    assert BOTH.shape == {"labels": (), "noise_level": ()}
    assert BOTH.dtype == {"labels": tf.int32, "noise_level": tf.float32}
    turn = BOTH.in_turn(1, 3)
    np.testing.assert_array_equal(turn["labels"], [1, 2, 0])
    level = BOTH.parts["noise_level"]
    np.testing.assert_array_equal(turn["noise_level"], level.in_turn(1, 3))
    drawn = BOTH.random(SEED, 500)
    assert set(drawn["labels"].numpy()) == {0, 1, 2}
    high = drawn["noise_level"].numpy() > 1.0  # independent of the class
    share = [high[drawn["labels"].numpy() == c].mean() for c in range(3)]
    assert max(abs(s - 0.5) for s in share) < 5 * math.sqrt(0.25 / 120) < 0.25


@pytest.mark.parametrize(
    "space",
    [
        None,
        conditions.Classes(3),
        conditions.Numbers(2),
        conditions.NoiseLevel(0.5, 1.0),
        BOTH,
    ],
    ids=str,
)
def test_structures_go_by_name_and_back(space):
    assert conditions.from_plain(conditions.to_plain(space)) == space
    batch = conditions.smallest(space, 2)
    conditions.require_condition(space, batch)
    named = conditions.by_name(space, batch)
    assert list(named) == list(conditions.parts_of(space))
    back = conditions.from_names(space, named)
    tf.nest.assert_same_structure(back, batch)
    specs = tf.nest.flatten(conditions.specs(space, 2)) if space else []
    assert [spec.name for spec in specs] == list(named)
    for spec, value in zip(specs, named.values(), strict=True):
        assert spec.is_compatible_with(value)


def test_rows_of_structures():
    a = {"labels": tf.constant([0, 1, 2]), "numbers": tf.reshape(tf.range(6.0), [3, 2])}
    found = conditions.gather(a, [2, 0])
    np.testing.assert_array_equal(found["labels"], [2, 0])
    np.testing.assert_array_equal(found["numbers"], [[4, 5], [0, 1]])
    b = tf.nest.map_structure(lambda part: -part, a)
    chosen = conditions.where(tf.constant([True, False, True]), a, b)
    np.testing.assert_array_equal(chosen["labels"], [0, -1, 2])
    np.testing.assert_array_equal(chosen["numbers"], [[0, 1], [-2, -3], [4, 5]])
    assert conditions.gather(None, [0]) is None
    assert conditions.where(tf.constant([True]), None, None) is None


@pytest.mark.parametrize(
    "args, text",
    [
        ((3, 2), "`label_dims` must be null beside num_classes=3. Received"),
        ((1, None), "`num` must be at least 2. Received: num=1"),
        ((None, 0), "`num_dims` must be at least 1. Received: num_dims=0"),
    ],
)
def test_wrong_spaces_are_refused(args, text):
    with pytest.raises(ValueError, match=text):
        conditions.condition_space(*args)


@pytest.mark.parametrize(
    "space, given, text",
    [
        (conditions.Classes(3), None, "given: the model has 3 classes. Received"),
        (
            conditions.Numbers(2),
            None,
            "given: the model has labels of 2 numbers. Received",
        ),
        (None, tf.zeros([4]), r"None for this model. Received: labels=TensorShape"),
    ],
)
def test_labels_missing_or_too_many(space, given, text):
    with pytest.raises(ValueError, match="`labels` must be " + text):
        conditions.require_condition(space, given)


@pytest.mark.parametrize(
    "space, given, text",
    [
        (
            conditions.NoiseLevel(0.1, 1.0),
            None,
            "`noise_level` must be given: the model has noise levels from 0.1 to 1",
        ),
        (BOTH, None, "`condition` must be given: the model has 3 classes and noise"),
        (
            BOTH,
            {"labels": tf.zeros([2], tf.int32)},
            r"`condition` must be a dict of labels, noise_level: .*=\['labels'\]",
        ),
        (BOTH, tf.zeros([2]), "`condition` must be a dict of labels, noise_level"),
        (conditions.Classes(2), {"labels": 0}, "`labels` must be one tensor, no dict"),
    ],
)
def test_wrong_structures_are_refused(space, given, text):
    with pytest.raises(ValueError, match=text):
        conditions.require_condition(space, given)


@pytest.mark.parametrize(
    "make, text",
    [
        (lambda: conditions.NoiseLevel(0.0, 1.0), "`low` must be positive"),
        (lambda: conditions.NoiseLevel(1.0, 1.0), "`high` must be above 1.0"),
        (
            lambda: conditions.Several({"labels": conditions.Classes(2)}),
            "`parts` must be at least 2 conditions",
        ),
    ],
)
def test_wrong_noise_levels_and_too_few_conditions_are_refused(make, text):
    with pytest.raises(ValueError, match=text):
        make()


def test_labels_where_they_belong():
    conditions.require_condition(None, None)
    conditions.require_condition(conditions.Classes(2), tf.constant([0]))


def test_rows_with_the_label_of_the_first():
    np.testing.assert_array_equal(
        conditions.like_first(np.array([2, 0, 2, 1, 2])), [0, 2, 4]
    )
    points = np.array([[0.0, 1.0], [0.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    np.testing.assert_array_equal(conditions.like_first(points), [0, 2])
    both = {"labels": np.array([1, 1, 1]), "noise_level": np.array([0.1, 0.2, 0.1])}
    np.testing.assert_array_equal(conditions.like_first(both), [0, 2])


def test_conditions_of_data_have_their_labels_and_the_lowest_level():
    labels = tf.constant([2, 0, 1])
    both = conditions.of_labels(BOTH, labels, 3)
    np.testing.assert_array_equal(both["labels"], labels)
    np.testing.assert_allclose(both["noise_level"], [0.1, 0.1, 0.1])
    assert conditions.of_labels(conditions.Classes(3), labels, 3) is labels
    level = conditions.of_labels(conditions.NoiseLevel(0.5, 1.0), None, tf.constant(2))
    np.testing.assert_allclose(level, [0.5, 0.5])
    assert conditions.of_labels(None, labels, 3) is None


def test_where_there_is_no_condition_none_is_drawn():
    assert conditions.random(None, SEED, 3) is None
    assert conditions.in_turn(None, 0, 3) is None
    assert conditions.each(tf.constant, None) is None
    drawn = conditions.random(conditions.Classes(3), SEED, 5)
    np.testing.assert_array_equal(drawn, conditions.Classes(3).random(SEED, 5))
    doubled = conditions.each(
        lambda a, b: a + b, BOTH.in_turn(0, 2), BOTH.in_turn(0, 2)
    )
    np.testing.assert_array_equal(doubled["labels"], [0, 2])
    np.testing.assert_allclose(doubled["noise_level"][0], 20.0)
