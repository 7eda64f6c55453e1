"""Energies of noise levels, joined, at each level by their formula."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.energy import composition
from ebm_tf.energy.build import bind_condition
from ebm_tf.energy.joined import JoinedEnergy, MixedEnergy
from tests.ebm_tf.studies import known

WIDTH = 0.3


@pytest.fixture(scope="module")
def bound():
    model = known.energy(width=WIDTH, levels=known.LEVELS)
    low = tf.fill([5], 0.01)
    return [
        bind_condition(model, {"labels": tf.fill([5], label), "noise_level": low})
        for label in range(3)
    ]


@pytest.fixture(scope="module")
def x():
    return tf.constant(known.states(5, 0.1, 0)[0])


def energies(x, sigma):
    """Returns the energies under each class, `[5, 3]`."""
    variance = WIDTH**2 + sigma**2
    gaps = np.square(x.numpy().reshape(5, 1, 4) - known.CENTRES).sum(axis=2)
    return gaps / (2.0 * variance) + 2.0 * np.log(variance)


def test_joined_at_a_level(bound, x):
    join = functools.partial(composition.all_of, weights=[1.0, 0.5])
    made = JoinedEnergy(bound[:2], join)
    assert made.noise_levels == known.LEVELS
    for sigma in (0.05, 1.0):
        wanted = energies(x, sigma)[:, :2] @ [1.0, 0.5]
        np.testing.assert_allclose(made.at_level(sigma)(x), wanted, rtol=1e-4)
    start = made.widest(5, tf.constant([1, 2]))
    np.testing.assert_array_equal(start, bound[0].widest(5, tf.constant([1, 2])))
    parabolas = [lambda y: tf.reduce_sum(y * y, axis=[1, 2, 3])] * 2
    assert JoinedEnergy(parabolas, join).noise_levels is None


def test_mixed_over_classes(bound, x):
    made = MixedEnergy(bound[1])
    assert made.noise_levels == known.LEVELS
    wanted = -np.log(np.exp(-energies(x, 0.5)).mean(axis=1))
    np.testing.assert_allclose(made.at_level(0.5)(x), wanted, rtol=1e-4, atol=1e-5)
