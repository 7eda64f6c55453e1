"""Energies joined at every noise level, of Gaussians whose answers are known."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import OpenSpace
from ebm_tf.condition_kinds import NoiseLevel
from ebm_tf.energy import composition
from ebm_tf.energy.build import bind_condition
from ebm_tf.energy.joined import JoinedEnergy, MixedEnergy
from ebm_tf.sampling.driver import run_chain
from ebm_tf.sampling.samplers.reverse_diffusion import ReverseDiffusionSampler
from tests.ebm_tf.studies import known

LEVELS = NoiseLevel(0.01, 8.0)
STD = 0.3


class Gaussian:
    """`N(mean, STD**2)` on the line, with noise of a level; normalized."""

    noise_levels = LEVELS

    def __init__(self, mean, sigma=LEVELS.low):
        self._mean, self._sigma = mean, sigma

    def __call__(self, x):
        variance = STD**2 + tf.square(tf.cast(self._sigma, tf.float32))
        apart = tf.reduce_sum(tf.square(x - self._mean), axis=1)
        return 0.5 * apart / variance + 0.5 * tf.math.log(2.0 * np.pi * variance)

    def at_level(self, sigma):
        """Returns the density at another level."""
        return Gaussian(self._mean, sigma)

    def widest(self, num, seed):
        """Returns states of the highest level."""
        std = np.float32(np.hypot(STD, LEVELS.high))
        return self._mean + std * rng.normal(seed, [num, 1])


def test_each_level_is_that_of_the_parts():
    one, two = Gaussian(-1.0), Gaussian(2.0)
    x = tf.constant([[-1.5], [0.0], [3.0]])
    join = functools.partial(composition.all_of, weights=[1.5, -0.5])
    joined = JoinedEnergy(join, [one, two])
    assert joined.noise_levels is LEVELS
    for sigma in (0.01, 0.5, 7.0):
        wanted = 1.5 * one.at_level(sigma)(x) - 0.5 * two.at_level(sigma)(x)
        np.testing.assert_allclose(joined.at_level(sigma)(x), wanted, rtol=1e-5)
    np.testing.assert_array_equal(joined(x), joined.at_level(LEVELS.low)(x))
    seed = rng.make_seed(3)
    np.testing.assert_array_equal(joined.widest(4, seed), one.widest(4, seed))
    plain = JoinedEnergy(composition.all_of, [lambda x: x[:, 0]])
    assert plain.noise_levels is None
    np.testing.assert_array_equal(plain(x), x[:, 0])


@pytest.mark.parametrize(
    ("rule", "share"), [("or", 0.5), ("and", None)], ids=["or", "and"]
)
def test_chains_walk_down_to_what_is_joined(rule, share):
    """Of "or", half near each mean; of the mean of energies, between them."""
    num = 2000
    join = composition.any_of
    if rule == "and":
        join = functools.partial(composition.all_of, weights=[0.5, 0.5])
    joined = JoinedEnergy(join, [Gaussian(-1.0), Gaussian(2.0)])
    space = OpenSpace(mean=0.0, std=1.0)
    sampler = ReverseDiffusionSampler(num_steps=60)

    @tf.function(autograph=False)
    def run(x):
        kernel_at = sampler.kernel_at(space)
        return run_chain(kernel_at, joined, x, rng.make_seed(7), num_steps=60).x

    x = run(tf.zeros([num, 1])).numpy()[:, 0]
    if rule == "or":
        near = [np.abs(x - mean) < 5 * STD for mean in (-1.0, 2.0)]
        # A state is near one of them but for 6e-7; 5 deviations of a fair coin.
        assert np.all(near[0] | near[1])
        error = 5 * 0.5 / np.sqrt(num)
        assert error < 0.06 and abs(near[1].mean() - share) < error
        return
    # The mean of two such energies is one of the same width, half way, at each level.
    error = 5 * STD / np.sqrt(num)
    assert error < 0.05 and abs(x.mean() - 0.5) < error
    assert abs(x.std() / STD - 1.0) < 0.1  # 60 steps; 6 deviations are 0.095


def test_classes_together_are_the_mean_of_their_densities():
    width, sigma = 0.3, 0.5
    model = known.energy(width=width, levels=known.LEVELS)
    given = {"labels": tf.fill([5], 1), "noise_level": tf.fill([5], 0.01)}
    made = MixedEnergy(bind_condition(model, given))
    assert made.noise_levels == known.LEVELS
    x = tf.constant(known.states(5, 0.1, 0)[0])
    variance = width**2 + sigma**2
    gaps = np.square(x.numpy().reshape(5, 1, 4) - known.CENTRES).sum(axis=2)
    each = gaps / (2.0 * variance) + 2.0 * np.log(variance)
    wanted = -np.log(np.exp(-each).mean(axis=1))
    np.testing.assert_allclose(made.at_level(sigma)(x), wanted, rtol=1e-4, atol=1e-5)
