"""Permutations without memory: each a permutation, and a random one."""

import math

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from ebm_tf import rng
from ebm_tf.data.order import permuted


def _order(num, seed):
    return permuted(tf.range(num, dtype=tf.int64), rng.make_seed(seed), num).numpy()


@pytest.mark.parametrize("num", [1, 2, 3, 16, 17, 1000, 55_000])
def test_every_example_once(num):
    for seed in range(3):
        np.testing.assert_array_equal(np.sort(_order(num, seed)), np.arange(num))


def test_a_position_depends_on_nothing_else():
    want = _order(100, 7)
    for part in ([3], [99, 0], [5, 5, 4]):
        got = permuted(tf.constant(part, tf.int64), rng.make_seed(7), 100)
        np.testing.assert_array_equal(got, want[part])


def test_a_seed_for_each_position():
    seeds = [rng.make_seed(k) for k in (1, 2, 1)]
    got = permuted(tf.constant([4, 4, 5], tf.int64), tf.stack(seeds), 50)
    np.testing.assert_array_equal(
        got, [_order(50, 1)[4], _order(50, 2)[4], _order(50, 1)[5]]
    )


def test_neighbours_are_unrelated():
    num = 55_000
    tolerance = 5 / math.sqrt(num)
    assert tolerance < 0.05  # With four rounds of the cipher it is 0.25.
    for seed in range(3):
        order = _order(num, seed)
        for lag in (1, 2, 3, 4, 8, 16, 64):
            correlation = np.corrcoef(order[:-lag], order[lag:])[0, 1]
            assert abs(correlation) < tolerance
        assert abs(np.corrcoef(np.arange(num), order)[0, 1]) < tolerance


def test_orders_of_two_seeds_are_unrelated():
    num = 55_000
    one, two = _order(num, 1), _order(num, 2)
    assert abs(np.corrcoef(one, two)[0, 1]) < 5 / math.sqrt(num)
    # Chance leaves about one example in its place.
    assert np.sum(one == two) < stats.poisson(1).isf(1e-9)


def test_every_example_comes_first_as_often():
    num, num_seeds = 8, 4000
    seeds = tf.random.experimental.stateless_split(rng.make_seed(0), num_seeds)
    first = permuted(tf.zeros([num_seeds], tf.int64), seeds, num)
    counts = np.bincount(first, minlength=num)
    bound = stats.chi2(num - 1).isf(1e-6)
    # One example a third too rare would be seen.
    assert (num_seeds / num / 3) ** 2 / (num_seeds / num) > bound
    assert stats.chisquare(counts).statistic < bound
