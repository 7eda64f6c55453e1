"""Single conditions: what is drawn, what comes in turn, what a table gives."""

import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import condition_kinds, rng

SEED = rng.make_seed(3)


def test_classes_come_in_turn():
    space = condition_kinds.Classes(3)
    found = space.in_turn(2, 5)
    assert found.dtype == np.int32 and list(found) == [2, 0, 1, 2, 0]


def test_points_go_round_the_corners():
    found = condition_kinds.Numbers(2).in_turn(0, 6)
    assert found.dtype == np.float32
    want = [[0, 0], [1, 0], [0, 1], [1, 1], [0, 0], [1, 0]]
    np.testing.assert_array_equal(found, want)
    np.testing.assert_array_equal(condition_kinds.Numbers(2).in_turn(3, 2), want[3:5])
    assert condition_kinds.Numbers(62).in_turn(0, 3).shape == (3, 62)


def test_random_classes_are_even():
    num = 10_000
    found = condition_kinds.Classes(4).random(SEED, num)
    assert found.dtype == tf.int32
    share = np.bincount(found, minlength=4) / num
    error = 5 * math.sqrt(0.25 * 0.75 / num)
    assert error < 0.05
    assert np.abs(share - 0.25).max() < error


def test_random_points_are_uniform_on_the_cube():
    num = 10_000
    found = condition_kinds.Numbers(3).random(SEED, num).numpy()
    assert found.shape == (num, 3) and found.dtype == np.float32
    assert 0 <= found.min() < found.max() < 1
    error = 5 * math.sqrt(1 / 12 / num)
    assert error < 0.05
    assert np.abs(found.mean(axis=0) - 0.5).max() < error


def test_noise_levels_come_in_turn_from_high_to_low():
    found = condition_kinds.NoiseLevel(0.01, 10.0).in_turn(0, 12)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[[0, 3, 6, 9, 10]], [10, 1, 0.1, 0.01, 10])
    np.testing.assert_array_equal(
        condition_kinds.NoiseLevel(0.01, 10.0).in_turn(7, 3), found[7:10]
    )


def test_logarithms_of_random_noise_levels_are_uniform():
    num = 10_000
    found = condition_kinds.NoiseLevel(0.1, 10.0).random(SEED, num).numpy()
    assert found.shape == (num,) and found.dtype == np.float32
    assert 0.1 <= found.min() and found.max() <= 10.0
    place = (np.log10(found) + 1) / 2
    error = 5 * math.sqrt(1 / 12 / num)
    assert error < 0.05
    assert abs(place.mean() - 0.5) < error
    assert abs((place < 0.25).mean() - 0.25) < 5 * math.sqrt(0.25 * 0.75 / num)


def test_features_of_a_noise_level_are_cosines_of_its_place():
    space = condition_kinds.NoiseLevel(0.1, 10.0)
    found = space.features(tf.constant([0.1, 1.0, 10.0, 0.01, 100.0])).numpy()
    assert found.shape == (5, space.num_rows)
    k = np.arange(1, space.num_rows + 1)
    for row, t in zip(found, (0.0, 0.5, 1.0, 0.0, 1.0), strict=True):
        np.testing.assert_allclose(row, np.cos(np.pi * k * t), atol=1e-5)
    levels = space.in_turn(0, 10)
    gaps = np.abs(np.diff(space.features(levels), axis=0)).max(axis=1)
    assert gaps.min() > 0.1  # levels are told apart


@pytest.mark.parametrize(
    "space, value, want",
    [
        (condition_kinds.Classes(3), [2, 0], [[4, 5], [0, 1]]),
        (condition_kinds.Numbers(3), [[0.0, 0.5, 1.0]], [[5.0, 6.5]]),
    ],
)
def test_labels_pick_from_a_table(space, value, want):
    table = tf.reshape(tf.range(6.0), [3, 2])
    np.testing.assert_array_equal(space.of_table(table, tf.constant(value)), want)


def test_a_noise_level_picks_from_a_table():
    space = condition_kinds.NoiseLevel(0.1, 10.0)
    table = tf.eye(space.num_rows)
    level = tf.constant([0.3, 5.0])
    found = space.of_table(table, level)
    np.testing.assert_allclose(found, space.features(level), atol=1e-6)


@pytest.mark.parametrize(
    "make, text",
    [
        (lambda: condition_kinds.NoiseLevel(0.0, 1.0), "`low` must be positive"),
        (lambda: condition_kinds.NoiseLevel(1.0, 1.0), "`high` must be above 1.0"),
        (lambda: condition_kinds.Classes(1), "`num` must be at least 2"),
    ],
)
def test_spaces_out_of_range_are_refused(make, text):
    with pytest.raises(ValueError, match=text):
        make()
