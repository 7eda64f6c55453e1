"""Spaces of labels: what is drawn, what comes in turn, what is refused."""

import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import conditions, rng

SEED = rng.make_seed(3)


def test_classes_come_in_turn():
    space = conditions.Classes(3)
    found = space.in_turn(2, 5)
    assert found.dtype == np.int32 and list(found) == [2, 0, 1, 2, 0]


def test_points_go_round_the_corners():
    found = conditions.Points(2).in_turn(0, 6)
    assert found.dtype == np.float32
    want = [[0, 0], [1, 0], [0, 1], [1, 1], [0, 0], [1, 0]]
    np.testing.assert_array_equal(found, want)
    np.testing.assert_array_equal(conditions.Points(2).in_turn(3, 2), want[3:5])
    assert conditions.Points(62).in_turn(0, 3).shape == (3, 62)


def test_random_classes_are_even():
    num = 10_000
    found = conditions.Classes(4).random(SEED, num)
    assert found.dtype == tf.int32
    share = np.bincount(found, minlength=4) / num
    error = 5 * math.sqrt(0.25 * 0.75 / num)
    assert error < 0.05
    assert np.abs(share - 0.25).max() < error


def test_random_points_are_uniform_on_the_cube():
    num = 10_000
    found = conditions.Points(3).random(SEED, num).numpy()
    assert found.shape == (num, 3) and found.dtype == np.float32
    assert 0 <= found.min() < found.max() < 1
    error = 5 * math.sqrt(1 / 12 / num)
    assert error < 0.05
    assert np.abs(found.mean(axis=0) - 0.5).max() < error


def test_label_space_of_a_configuration():
    assert conditions.condition_space(None, None) is None
    assert conditions.condition_space(4, None) == conditions.Classes(4)
    assert conditions.condition_space(None, 2) == conditions.Points(2)
    assert conditions.Points(2).shape == (2,) and conditions.Classes(4).shape == ()


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
            conditions.Points(2),
            None,
            "given: the model has labels of 2 numbers. Received",
        ),
        (None, tf.zeros([4]), r"None for this model. Received: labels=TensorShape"),
    ],
)
def test_labels_missing_or_too_many(space, given, text):
    with pytest.raises(ValueError, match="`labels` must be " + text):
        conditions.require_condition(space, given)


def test_labels_where_they_belong():
    conditions.require_condition(None, None)
    conditions.require_condition(conditions.Classes(2), tf.constant([0]))


def test_rows_with_the_label_of_the_first():
    np.testing.assert_array_equal(
        conditions.like_first(np.array([2, 0, 2, 1, 2])), [0, 2, 4]
    )
    points = np.array([[0.0, 1.0], [0.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    np.testing.assert_array_equal(conditions.like_first(points), [0, 2])
