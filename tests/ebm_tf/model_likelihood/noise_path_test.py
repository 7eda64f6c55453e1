"""Weights along noise levels, on mixtures whose Z and densities are known."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.condition_kinds import NoiseLevel
from ebm_tf.likelihood import annealing
from ebm_tf.model_likelihood.noise_path import (
    NoisePath,
    even_levels,
    refined_levels,
    require_levels,
)
from ebm_tf.sampling import hmc
from tests.ebm_tf.noised_mixture import NoisedMixture

LEVELS = NoiseLevel(0.05, 10.0)
SEED = rng.make_seed(3)


def mixture(num_dims, log_z=0.0):
    """Two modes, apart by many deviations, of different widths and weights."""
    means = np.zeros((2, num_dims))
    means[0, 0], means[1, 0] = -1.0, 1.0
    stds = np.linspace(0.1, 0.5, num_dims) * np.array([[1.0], [0.5]])
    return NoisedMixture(means, stds, [0.25, 0.75], LEVELS, log_z)


def gaussian(num_dims, log_z):
    stds = np.linspace(0.05, 1.0, num_dims)
    return NoisedMixture(np.full((1, num_dims), 0.3), stds[None], [1.0], LEVELS, log_z)


def correct(sigma):
    """A reversible kernel that leaves the density of a level alone."""

    def kernel(energy_fn, x, seed):
        return hmc.mala_step(energy_fn, x, seed, step_size=tf.square(0.3 * sigma))

    return kernel


def forward(energy, num_levels, num_chains, **kwargs):
    levels = even_levels(LEVELS.high, LEVELS.low, num_levels)
    path = NoisePath(energy, tf.constant(levels, tf.float32), **kwargs)

    @tf.function(autograph=False)
    def run(seed):
        state = path.begin(num_chains, seed)
        return path.forward(state, tf.constant(0), tf.constant(num_levels), seed)

    return run(SEED)


def z_score(log_weights, log_z, num_ancestors=None):
    """Returns how many standard errors mean(w) / Z is from 1, and one of them."""
    w = np.exp(np.asarray(log_weights) - log_z)
    error = w.std(ddof=1) / np.sqrt(len(w))
    return (w.mean() - 1.0) / error, error


@pytest.mark.parametrize("kernel_of", [None, correct], ids=["plain", "corrected"])
def test_forward_weights_are_unbiased_for_z(kernel_of):
    found = forward(mixture(3, log_z=1.5), 60, 4000, kernel_of=kernel_of)
    score, error = z_score(found.log_weights, 1.5)
    assert abs(score) < 4.0 and error < 0.03
    assert found.log_mean.shape == (60,)
    if kernel_of is not None:
        assert 0.3 < float(found.accept_prob[-1]) < 1.0


def test_forward_chains_reach_both_modes_in_proportion():
    found = forward(mixture(3), 60, 4000)
    share = np.mean(found.x[:, 0] < 0.0)
    # 4 binomial deviations, and the bias of 60 steps.
    assert abs(share - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 4000) + 0.01


def smc_error(found) -> float:
    """Returns the delta method's error of log mean(w) of resampled chains."""
    num = len(found.log_weights)
    w = np.exp(found.log_weights - np.max(found.log_weights))
    squared_cv = np.mean(found.squared_cv) + np.var(w, ddof=1) / np.mean(w) ** 2
    return float(np.sqrt(squared_cv / num))


def test_resampled_weights_are_unbiased_for_z():
    found = forward(mixture(3, log_z=-2.0), 15, 4000, resample=True)
    error = smc_error(found)
    assert abs(float(found.log_mean[-1]) + 2.0) < 4 * error < 0.2
    assert len(np.unique(found.ancestors)) < 4000


def test_in_784_dimensions_log_z_is_found():
    # Two modes that every coordinate tells apart: the base knows neither.
    found = forward(mixture(784, log_z=20.0), 300, 100, resample=True)
    error = smc_error(found)
    assert abs(float(found.log_mean[-1]) - 20.0) < 4 * error < 2.0
    assert error > 0.01


def test_where_the_base_is_the_density_every_weight_is_exact():
    found = forward(gaussian(784, log_z=20.0), 10, 8)
    np.testing.assert_allclose(found.log_weights, 20.0, atol=0.02)


def reverse(energy, x, num_levels):
    levels = even_levels(LEVELS.high, LEVELS.low, num_levels)
    path = NoisePath(energy, tf.constant(levels, tf.float32))

    @tf.function(autograph=False)
    def run(x, seed):
        last = tf.constant(num_levels)
        return path.reverse(annealing.begin(x), last, last, seed)

    return run(x, SEED)


def test_from_exact_samples_reverse_weights_are_unbiased_for_1_over_z():
    energy = mixture(3, log_z=1.5)
    x = energy.sample(4000, LEVELS.low, rng.make_seed(5))
    found = reverse(energy, x, 60)
    score, error = z_score(found.log_weights, -1.5)
    assert abs(score) < 4.0 and error < 0.03


def test_reverse_log_densities_come_up_to_the_density():
    """Low by Jensen, less with more steps."""
    energy = mixture(3, log_z=1.5)
    x = energy.sample(2000, LEVELS.low, rng.make_seed(5))
    truth = np.mean(energy.log_prob(x, LEVELS.low))
    gaps = []
    for num_levels in (20, 80):
        weights = reverse(energy, x, num_levels).log_weights
        found = np.mean(-np.asarray(energy(x), np.float64) + np.asarray(weights))
        gaps.append(truth - found)
    assert gaps[0] > gaps[1] > -0.05
    assert gaps[1] < 0.2


def test_pieces_of_a_run_are_the_run():
    energy = mixture(2)
    levels = even_levels(LEVELS.high, LEVELS.low, 12)
    path = NoisePath(energy, tf.constant(levels, tf.float32), resample=True)
    start = path.begin(16, SEED)
    whole = path.forward(start, tf.constant(0), tf.constant(12), SEED)
    half = path.forward(start, tf.constant(0), tf.constant(5), SEED)
    state = annealing.AisState(
        half.x, half.log_weights, half.ancestors, half.squared_cv
    )
    rest = path.forward(state, tf.constant(5), tf.constant(7), SEED)
    np.testing.assert_array_equal(whole.x, rest.x)
    np.testing.assert_array_equal(whole.log_weights, rest.log_weights)


def test_levels_crowd_where_weights_spread():
    levels = even_levels(10.0, 0.1, 4)
    found = refined_levels(levels, [0.0, 0.0, 3.0, 1.0], 8)
    assert len(found) == 9 and np.all(np.diff(found) < 0)
    assert found[0] == levels[0] and found[-1] == levels[-1]
    inside = np.sum((found <= levels[2] * 1.001) & (found >= levels[3] * 0.999))
    assert inside >= 5


@pytest.mark.parametrize("levels", [[10.0], [10.0, 10.0], [5.0, 0.05], [10.0, 0.01]])
def test_levels_that_are_not_the_energys_are_refused(levels):
    with pytest.raises(ValueError, match="`levels` must be"):
        require_levels(levels, LEVELS)
