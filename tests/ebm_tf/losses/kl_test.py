"""Entropies of known densities; which way the gradient goes, and to whom."""

import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.losses import kl

SEED = rng.make_seed(4)


@pytest.mark.parametrize(("num_dims", "neighbour"), [(1, 1), (2, 1), (3, 4)])
def test_entropy_of_a_gaussian(num_dims, neighbour):
    num, std = 2000, np.array([0.5, 2.0, 3.0])[:num_dims]
    x = std * tf.random.stateless_normal([num, num_dims], SEED, dtype=tf.float64)
    truth = num_dims / 2 * math.log(2 * math.pi * math.e) + np.log(std).sum()
    # Variance of a summand: psi'(neighbour), and d / 2 of the log density's own.
    trigamma = float(tf.math.polygamma(1.0, float(neighbour)))
    tolerance = 4 * math.sqrt((trigamma + num_dims / 2) / num)
    assert tolerance < 0.2  # the wrong sign, or a lost constant, is off by more
    assert abs(float(kl.nearest_neighbour_entropy(x, neighbour)) - truth) < tolerance


def test_entropy_follows_the_scale():
    x = tf.random.stateless_normal([16, 2, 3], SEED)
    grown = kl.nearest_neighbour_entropy(10.0 * x, 1)
    difference = float(grown - kl.nearest_neighbour_entropy(x, 1))
    assert difference == pytest.approx(6 * math.log(10.0), rel=1e-4)


def test_equal_states_have_a_finite_entropy_and_gradient():
    x = tf.zeros([4, 2])
    with tf.GradientTape() as tape:
        tape.watch(x)
        entropy = kl.nearest_neighbour_entropy(x, 1)
    assert np.isfinite(float(entropy))
    np.testing.assert_array_equal(tape.gradient(entropy, x), tf.zeros([4, 2]))


def test_a_neighbour_must_be_there():
    with pytest.raises(ValueError, match="`neighbour` must be at most 3"):
        kl.nearest_neighbour_entropy(tf.zeros([4, 2]), 4)


def test_the_scoring_energy_is_held_constant():
    # E(x) = w x^2: the gradient in x is 2 w x, the one in w is cut.
    weight, x = tf.Variable(3.0), tf.Variable([[1.0], [2.0]])
    with tf.GradientTape() as tape:
        energy = kl.held_constant(lambda x: weight * x[:, 0] ** 2, x + 0.0)
    np.testing.assert_array_equal(energy, [3.0, 12.0])
    by_weight, by_state = tape.gradient(energy, [weight, x])
    assert by_weight is None
    np.testing.assert_array_equal(by_state, [[6.0], [12.0]])


def test_descent_lowers_the_energy_and_raises_the_entropy():
    x = tf.Variable([[1.0], [1.5], [3.0]])
    energies = {"without": 0.0, "with": 2.0}
    slopes = {}
    for name, entropy_weight in energies.items():
        with tf.GradientTape() as tape:
            loss = kl.chain_divergence(
                lambda x: x[:, 0],
                x + 0.0,
                entropy_weight=entropy_weight,
                neighbour=1,
                global_batch_size=3,
            )
        slopes[name] = tape.gradient(loss, x).numpy()[:, 0]
    np.testing.assert_allclose(slopes["without"], 1 / 3, rtol=1e-6)
    # d H / dx: pairs (0, 1), (1, 0), (2, 1) at distances 0.5, 0.5, 1.5, d / 3 each.
    entropy = np.array([-4.0, 4.0 - 1 / 1.5, 1 / 1.5]) / 3
    np.testing.assert_allclose(slopes["with"], 1 / 3 - 2 * entropy, rtol=1e-5)
