"""Histograms and normal densities with noise, against SciPy in float64."""

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.energy import noised_bases

EDGES = np.array([0.0, 1 / 256, 0.25, 0.9, 1.0])
MASSES = np.array([[0.7, 0.1, 0.1, 0.1], [0.05, 0.05, 0.6, 0.3]])


def histogram():
    heights = (MASSES / np.diff(EDGES)).astype(np.float32)
    edges = tf.constant(EDGES, tf.float32)
    return noised_bases.HistogramBase(heights, edges, np.float32([0.3, 0.3]), 0.4)


def exact_density(y, sigma):
    """Returns the density of each coordinate, `[N, 2]`, in float64."""
    scaled = (EDGES - np.asarray(y, np.float64)[..., None]) / sigma
    # The smaller of both tails, so that nothing cancels far out.
    left = np.diff(scipy.stats.norm.cdf(scaled), axis=-1)
    right = -np.diff(scipy.stats.norm.sf(scaled), axis=-1)
    masses = np.where(scaled[..., :-1] > 0, right, left)
    return np.sum(MASSES / np.diff(EDGES) * masses, axis=-1)


@pytest.mark.parametrize("sigma", [1e-5, 1e-3, 0.02, 0.3, 10.0])
def test_a_histogram_with_noise_is_a_difference_of_normal_distributions(sigma):
    random = np.random.default_rng(0)
    x = random.uniform(size=(500, 2))
    y = (x + sigma * random.standard_normal(x.shape)).astype(np.float32)
    found = histogram().at(tf.constant(y), tf.fill([500], sigma))
    exact = np.sum(np.log(exact_density(y, sigma)), axis=1)
    # float32 holds y to 6e-8, and edges move by sigma.
    np.testing.assert_allclose(found.log_prob, exact, atol=1e-4 + 2e-7 / sigma)
    assert found.features.shape == (500, 2, 4)
    assert np.max(np.abs(found.features)) < 6.0


def test_slopes_in_state_and_level_are_those_of_the_density():
    y = np.float32([[0.002, 0.5], [0.3, 1.1], [-0.2, 0.91]])
    sigma = np.float32([0.004, 0.1, 0.5])

    def log_prob(y, sigma):
        return np.sum(np.log(exact_density(y, sigma[:, None, None])), axis=1)

    at, level = tf.constant(y), tf.constant(sigma)
    with tf.GradientTape() as tape:
        tape.watch([at, level])
        found = histogram().at(at, level).log_prob
    in_state, in_level = tape.gradient(found, [at, level])
    step = 1e-5 * sigma.astype(np.float64)
    wide = np.float64(sigma)
    slope = (log_prob(y, wide + step) - log_prob(y, wide - step)) / (2 * step)
    np.testing.assert_allclose(in_level, slope, rtol=2e-3)
    for column in range(2):
        move = np.zeros_like(y, np.float64)
        move[:, column] = step
        rise = log_prob(y + move, wide) - log_prob(y - move, wide)
        np.testing.assert_allclose(
            in_state[:, column], rise / (2 * step), rtol=2e-3, atol=1e-3
        )


def test_far_from_all_bins_the_density_falls_as_a_normal_one():
    sigma = 1e-3
    y = tf.constant([[0.5, 1.0 + 20 * sigma], [0.5, 1.0 + 21 * sigma]])
    first, second = histogram().at(y, tf.fill([2], sigma)).log_prob.numpy()
    exact = scipy.stats.norm.logsf(21) - scipy.stats.norm.logsf(20)
    # Up to the polynomial factor of the tail.
    assert second - first == pytest.approx(exact, abs=0.5)
    assert np.isfinite(first)


@pytest.mark.parametrize("sigma", [0.01, 3.0])
def test_samples_have_the_moments_of_the_histogram_and_the_noise(sigma):
    num = 40_000
    x = histogram().sample(num, sigma, rng.make_seed(1)).numpy()
    centres, widths = (EDGES[1:] + EDGES[:-1]) / 2, np.diff(EDGES)
    mean = MASSES @ centres
    variance = MASSES @ (centres**2 + widths**2 / 12) - mean**2 + sigma**2
    error = np.sqrt(variance / num)
    assert np.all(np.abs(x.mean(axis=0) - mean) < 4 * error)
    np.testing.assert_allclose(x.var(axis=0), variance, rtol=0.05)


def test_a_normal_base_is_normal_with_the_noise_added():
    mean, std = np.float32([0.5, -1.0]), np.float32([0.1, 2.0])
    base = noised_bases.NormalBase(tf.constant(mean), tf.constant(std))
    y = np.float32([[0.4, 3.0], [1.5, -2.0]])
    found = base.at(tf.constant(y), tf.constant([0.2, 5.0]))
    wide = np.sqrt(std**2 + np.float32([[0.2], [5.0]]) ** 2)
    exact = scipy.stats.norm(mean, wide).logpdf(y).sum(axis=1)
    np.testing.assert_allclose(found.log_prob, exact, rtol=1e-5)
    x = base.sample(20_000, 0.2, rng.make_seed(0)).numpy()
    spread = np.sqrt(std**2 + 0.04)
    assert np.all(np.abs(x.mean(axis=0) - mean) < 4 * spread / np.sqrt(20_000))


@pytest.mark.parametrize(
    "num_levels, num_groups, edges",
    [(256, 4, [0, 1, 128, 255, 256]), (3, 4, [0, 1, 2, 3]), (17, 17, range(18))],
)
def test_groups_keep_the_first_and_the_last_level_alone(num_levels, num_groups, edges):
    found = noised_bases.group_edges(num_levels, num_groups)
    np.testing.assert_array_equal(found, list(edges))


@pytest.mark.parametrize("sigma", [1e-4, 0.05, 1.0])
def test_clean_states_are_drawn_from_the_bins_given_the_state(sigma):
    """Against the moments of a normal density times the histogram, on a fine grid."""
    num = 20_000
    y = np.float32([0.003, 0.4])
    x = (
        histogram()
        .clean(tf.constant(np.tile(y, (num, 1))), tf.constant(sigma), rng.make_seed(2))
        .numpy()
    )
    assert x.min() >= 0.0 and x.max() <= 1.0
    grid = (np.arange(400_000) + 0.5) / 400_000
    for column in range(2):
        place = np.searchsorted(EDGES, grid) - 1
        logs = np.log((MASSES[column] / np.diff(EDGES))[place])
        logs += scipy.stats.norm.logpdf((grid - y[column]) / sigma)
        weights = np.exp(logs - logs.max())
        weights /= weights.sum()
        mean = weights @ grid
        std = np.sqrt(weights @ (grid - mean) ** 2)
        found = x[:, column].mean()
        assert abs(found - mean) < 4 * std / np.sqrt(num) + 1e-6
        assert x[:, column].std() == pytest.approx(std, rel=0.05)


def test_a_normal_base_draws_clean_states_by_bayes():
    mean, std = np.float32([0.5, -1.0]), np.float32([0.1, 2.0])
    base = noised_bases.NormalBase(tf.constant(mean), tf.constant(std))
    y = tf.tile([[0.8, 1.0]], [20_000, 1])
    x = base.clean(y, tf.constant(0.5), rng.make_seed(0)).numpy()
    share = std**2 / (std**2 + 0.25)
    spread = np.sqrt(share * 0.25)
    wanted = mean + share * (np.array([0.8, 1.0]) - mean)
    assert np.all(np.abs(x.mean(axis=0) - wanted) < 4 * spread / np.sqrt(20_000))
    np.testing.assert_allclose(x.std(axis=0), spread, rtol=0.03)
