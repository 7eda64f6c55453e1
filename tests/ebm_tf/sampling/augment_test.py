"""Mirrors and shifts that can be told from the image."""

import math

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.sampling.augment import augment
from ebm_tf.sampling.config import AugmentConfig

SEED = rng.make_seed(6)
NUM = 4000


def images():
    """Returns images whose pixel says where it is: 10 * row + column."""
    ramp = 10.0 * np.arange(5)[:, None] + np.arange(5)
    return tf.tile(tf.constant(ramp, tf.float32)[None, :, :, None], [NUM, 1, 1, 1])


def settings(**changes):
    fields = {"prob": 1.0, "flip": False, "max_shift": 0, "border": "edge"}
    return AugmentConfig(**fields | changes)


def test_half_of_the_changed_are_mirrored_left_to_right():
    x, y = images(), augment(images(), SEED, settings(prob=0.6, flip=True))
    same = (x == y).numpy().all(axis=(1, 2, 3))
    mirrored = (x[:, :, ::-1] == y).numpy().all(axis=(1, 2, 3))
    assert (same | mirrored).all()
    error = 4 * math.sqrt(0.3 * 0.7 / NUM)
    assert error < 0.05
    assert abs(mirrored.mean() - 0.3) < error


def test_shifts_are_uniform_and_repeat_the_edge():
    y = augment(images(), SEED, settings(max_shift=1)).numpy()[..., 0]
    down, right = 2 - y[:, 2, 2] // 10, 2 - y[:, 2, 2] % 10  # where the middle is from
    counts = np.histogram2d(down, right, bins=3)[0]
    assert abs(counts - NUM / 9).max() < 4 * math.sqrt(NUM / 9)
    moved = y[(down == 1) & (right == -1)][0]
    # One row down, one column to the left: the first row and the last column twice.
    rows, columns = [0, 0, 1, 2, 3], [1, 2, 3, 4, 4]
    np.testing.assert_array_equal(moved, 10 * np.array(rows)[:, None] + columns)


def test_a_shift_with_zeros_is_a_crop_of_the_padded_image():
    x = tf.cast(images() + 1.0, tf.uint8)  # as it is stored; nowhere zero
    y = augment(x, SEED, settings(max_shift=2, border="zero")).numpy()[..., 0]
    padded = np.pad(x[0, ..., 0], 2)
    crops = np.stack([padded[i : i + 5, j : j + 5] for i in range(5) for j in range(5)])
    which = (y[:, None] == crops).all(axis=(2, 3))
    assert y.dtype == np.uint8 and (which.sum(axis=1) == 1).all()
    # Each of 25 as often: 160 times, give or take 12.4.
    assert abs(which.sum(axis=0) - NUM / 25).max() < 4 * math.sqrt(NUM / 25)


def test_unchanged_without_probability_and_repeated_by_the_seed():
    everything = settings(prob=0.0, flip=True, max_shift=2)
    np.testing.assert_array_equal(augment(images(), SEED, everything), images())
    noisy = settings(flip=True, max_shift=2)
    one, two = augment(images(), SEED, noisy), augment(images(), SEED, noisy)
    np.testing.assert_array_equal(one, two)
