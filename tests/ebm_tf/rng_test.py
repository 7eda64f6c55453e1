"""Seeds are values: the same again, and never the same for two numbers."""

import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng


def _distinct(seeds) -> bool:
    rows = {tuple(np.asarray(seed).tolist()) for seed in seeds}
    return len(rows) == len(seeds)


def test_seed_of_a_number():
    for value, want in ((0, [0, 0]), (5, [5, 0]), (2**31, [0, 1]), (2**33 + 7, [7, 4])):
        seed = rng.make_seed(value)
        assert seed.dtype == tf.int32
        np.testing.assert_array_equal(seed, want)


def test_negative_and_large_numbers_have_seeds_of_their_own():
    values = [0, 1, -1, -2, 2**31 - 1, 2**31, 2**32, 2**40, 2**61, -(2**31)]
    assert _distinct([rng.make_seed(value) for value in values])


def test_folding_gives_each_number_a_seed():
    seed = rng.make_seed(0)
    numbers = [*range(2000), -1, -2, 2**31 - 1, -(2**31)]
    assert _distinct([rng.fold_in(seed, number) for number in numbers])


def test_folding_is_a_function():
    seed = rng.make_seed(9)
    want = rng.fold_in(seed, 12)
    again = [
        rng.fold_in(seed, 12),
        rng.fold_in(seed, tf.constant(12)),
        rng.fold_in(seed, tf.constant(12, tf.int64)),
        tf.function(rng.fold_in)(seed, tf.constant(12)),
    ]
    for other in again:
        assert other.dtype == tf.int32
        np.testing.assert_array_equal(other, want)


def test_folding_depends_on_seed_and_order():
    one, two = rng.make_seed(1), rng.make_seed(2)
    seeds = [
        rng.fold_in(one, 2),
        rng.fold_in(two, 1),
        rng.fold_in(rng.fold_in(one, 3), 4),
        rng.fold_in(rng.fold_in(one, 4), 3),
    ]
    assert _distinct(seeds)


@pytest.mark.parametrize("num", [1, 2, 100])
def test_split(num):
    seed = rng.make_seed(3)
    seeds = rng.split(seed, num)
    assert len(seeds) == num
    assert all(each.shape == [2] and each.dtype == tf.int32 for each in seeds)
    assert _distinct([*seeds, seed])
    for each, other in zip(seeds, rng.split(seed, num), strict=True):
        np.testing.assert_array_equal(each, other)


def test_split_seeds_give_unrelated_numbers():
    num = 100_000
    x, y = (rng.normal(seed, [num]) for seed in rng.split(rng.make_seed(4), 2))
    correlation = np.corrcoef(x, y)[0, 1]
    assert abs(correlation) < 5 / math.sqrt(num) < 0.02


def test_normal_numbers():
    num = 200_000
    x = np.asarray(rng.normal(rng.make_seed(5), [2, num // 2]), np.float64)
    assert x.shape == (2, num // 2)
    assert abs(x.mean()) < 5 / math.sqrt(num) < 0.02
    assert abs(np.mean(x**2) - 1) < 5 * math.sqrt(2 / num) < 0.02
    assert abs(np.mean(x**4) - 3) < 5 * math.sqrt(96 / num) < 0.2


def test_uniform_numbers():
    num = 200_000
    x = np.asarray(rng.uniform(rng.make_seed(6), [num]), np.float64)
    assert x.min() >= 0.0
    assert x.max() < 1.0
    assert abs(x.mean() - 0.5) < 5 * math.sqrt(1 / 12 / num) < 0.005
    assert abs(np.mean(x**2) - 1 / 3) < 5 * math.sqrt(4 / 45 / num) < 0.005
    assert rng.uniform(rng.make_seed(6), [1], tf.float64).dtype == tf.float64


def test_subset_is_fair_and_in_random_order():
    num, size, draws = 5, 3, 4000
    seed = rng.make_seed(8)

    @tf.function(autograph=False)
    def draw():
        return tf.map_fn(
            lambda k: rng.subset(rng.fold_in(seed, k), num, size), tf.range(draws)
        )

    rows = draw().numpy()
    assert rows.shape == (draws, size)
    assert all(len(set(row)) == size for row in rows.tolist())
    # Each of the 60 ordered triples is as likely as another.
    _, counts = np.unique(rows, axis=0, return_counts=True)
    mean = draws / 60
    assert len(counts) == 60
    assert np.abs(counts - mean).max() < 5 * math.sqrt(mean) < mean
