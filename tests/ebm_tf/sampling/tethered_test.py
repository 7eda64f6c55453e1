"""Chains held to a state at a higher level, on a Gaussian: all of it is known."""

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.condition_kinds import NoiseLevel
from ebm_tf.sampling.tethered import level_at, tethered, tethered_chain
from tests.ebm_tf.noised_mixture import NoisedMixture

NORMAL = NoisedMixture([[0.6, -0.3]], [[0.5, 0.4]], [1.0], NoiseLevel(0.2, 3.0))
NUM = 3000


def test_a_chain_comes_to_the_state_given_the_one_at_the_higher_level():
    y = tf.tile(tf.constant([[1.5, -2.0]]), [2 * NUM, 1])
    # Rows have levels of their own.
    sigma = np.repeat(np.float32([0.2, 0.8]), NUM)
    higher = np.repeat(np.float32([0.5, 1.2]), NUM)

    @tf.function(autograph=False)
    def chain(seed):
        return tethered_chain(
            lambda x: -NORMAL.log_prob(x, sigma),
            y,
            (tf.constant(higher), tf.constant(sigma)),
            seed,
            num_steps=30,
            step_size=0.4,
        )

    found = chain(rng.make_seed(0)).numpy()
    for rows in (slice(0, NUM), slice(NUM, None)):
        own = NORMAL.stds[0] ** 2 + sigma[rows][0] ** 2
        tether = higher[rows][0] ** 2 - sigma[rows][0] ** 2
        precision = 1.0 / own + 1.0 / tether
        middle = (NORMAL.means[0] / own + y[0].numpy() / tether) / precision
        # Steps are x' = middle + (1 - a) * (x + noise - middle), from y.
        noise = 0.4**2 * sigma[rows][0] ** 2 * tether / higher[rows][0] ** 2
        left = 1.0 - 0.5 * noise * precision
        mean = middle + left**30 * (y[0].numpy() - middle)
        variance = noise * left**2 * (1 - left**60) / (1 - left**2)
        error = 4 * np.sqrt(variance / NUM)
        np.testing.assert_array_less(np.abs(found[rows].mean(axis=0) - mean), error)
        ratio = found[rows].var(axis=0) / variance
        np.testing.assert_allclose(ratio, 1.0, atol=4 * np.sqrt(2 / NUM))


def test_levels_are_even_in_the_logarithm_and_end_at_the_ends():
    found = level_at(tf.range(-1, 7), 5, 0.2, 3.0)
    wanted = np.geomspace(3.0, 0.2, 6)
    np.testing.assert_allclose(found, [3.0, *wanted, 0.2], rtol=1e-6)
    assert found[-1] == np.float32(0.2) and found[0] == np.float32(3.0)


def test_the_tether_adds_a_parabola_of_each_row():
    x, y = tf.constant([[1.0, 2.0], [0.0, 0.0]]), tf.constant([[0.0, 0.0], [3.0, 4.0]])
    held = tethered(lambda x: tf.constant([10.0, 20.0]), y, tf.constant([1.0, 5.0]))
    np.testing.assert_allclose(held(x), [12.5, 20.5])
