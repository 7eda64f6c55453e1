"""Slots of a stream's items: first all, then a fair share, never one twice."""

import math

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.sampling.reservoir import reservoir_slots

SEED = rng.make_seed(8)


def slots(num_before, num_new, capacity, seed=SEED):
    before = tf.constant(num_before, tf.int64)
    return reservoir_slots(seed, before, num_new, capacity).numpy()


def test_the_first_items_fill_the_slots_in_order():
    np.testing.assert_array_equal(slots(0, 4, 10), [0, 1, 2, 3])
    np.testing.assert_array_equal(slots(4, 4, 10), [4, 5, 6, 7])


def test_a_later_item_is_kept_with_its_probability():
    # Item i with probability 100 / (i + 1), i near 10,000, one at a time.
    runs = 20_000
    seeds = tf.random.experimental.stateless_split(SEED, runs)
    found = tf.vectorized_map(
        lambda seed: reservoir_slots(seed, tf.constant(399, tf.int64), 1, 100), seeds
    ).numpy()
    share, expected = (found >= 0).mean(), 100 / 400
    error = 4 * math.sqrt(expected * (1 - expected) / runs)
    assert error < 0.02
    assert abs(share - expected) < error
    counts = np.bincount(found[found >= 0], minlength=100)
    assert abs(counts - 50).max() < 5 * math.sqrt(50)  # every slot alike


def test_no_slot_comes_twice_and_the_last_item_wins():
    found = slots(4, 400, 4)
    kept = found[found >= 0]
    assert len(kept) == len(set(kept)) > 0


def test_one_seed_one_choice():
    np.testing.assert_array_equal(slots(500, 50, 100), slots(500, 50, 100))
    assert (slots(500, 50, 100) != slots(500, 50, 100, rng.make_seed(9))).any()
