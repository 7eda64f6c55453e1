"""Densities in the plane: mass one, samples that follow them, known values."""

import math

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from ebm_tf import rng
from ebm_tf.data import synthetic

NUM_CELLS = 512  # On a side; the lines of the checkerboard are lines of the grid.
WIDTH = 2 * synthetic.BOUND / NUM_CELLS

# The density integrated along the lines where it jumps: the four ends of the moons,
# each half of 1 / (1.5 pi); the spirals' inner and outer edge, where the radius is
# cut 1.75 and 2.375 standard deviations from its mean.
_CUT = stats.norm.cdf(2.375) - stats.norm.cdf(-1.75)
JUMPS = {
    "two_moons": 4 * 0.5 / (1.5 * math.pi),
    "spirals": (stats.norm.pdf(1.75) + stats.norm.pdf(2.375)) / 0.8 / _CUT,
}

NAMES = list(synthetic.DENSITIES)


def _cell_probs(density):
    """Midpoint rule, [NUM_CELLS, NUM_CELLS], x along the first axis."""
    middle = (np.arange(NUM_CELLS) + 0.5) * WIDTH - synthetic.BOUND
    points = np.stack(np.meshgrid(middle, middle, indexing="ij"), axis=-1)
    log_prob = density.log_prob(points.astype(np.float32)).numpy()
    assert not np.isnan(log_prob).any()
    return np.exp(log_prob.astype(np.float64)) * WIDTH**2


@pytest.mark.parametrize("name", NAMES)
def test_integrates_to_one(name):
    # A jump moves the mass of a cell's width along it by half at most; float32
    # holds log_prob to some 1e-6.
    tolerance = 0.5 * WIDTH * JUMPS.get(name, 0.0) + 1e-5
    assert tolerance < 0.01
    assert abs(_cell_probs(synthetic.density(name)).sum() - 1) < tolerance


def _coarse(values, num=32):
    """Sums over square blocks: [num, num]."""
    size = NUM_CELLS // num
    return values.reshape(num, size, num, size).sum(axis=(1, 3))


def _chi_square(points, density):
    """Compares counts with probabilities; returns p, a probability."""
    counts, _, _ = np.histogram2d(*points.T, bins=32, range=[[-4, 4], [-4, 4]])
    want = _coarse(_cell_probs(density)) * len(points)
    is_large = want > 10
    counts = np.append(counts[is_large], counts[~is_large].sum())
    want = np.append(want[is_large], want[~is_large].sum())
    if want[-1] < 10:
        counts, want = counts[:-1], want[:-1]
    return stats.chi2(len(want)).sf(np.sum((counts - want) ** 2 / want))


@pytest.mark.parametrize("name", NAMES)
def test_samples_follow_the_density(name):
    density = synthetic.density(name)
    points = density.sample(20_000, seed=rng.make_seed(1)).numpy()
    assert points.shape == (20_000, 2)
    assert np.abs(points).max() < synthetic.BOUND
    assert np.isfinite(density.log_prob(points)).all()
    assert _chi_square(points, density) > 1e-6
    # The test would see points that lie a twentieth of a unit off.
    assert _chi_square(points + [0.05, 0.0], density) < 1e-6


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_decides_the_sample(name):
    density = synthetic.density(name)
    one, again, two = (density.sample(5, seed=rng.make_seed(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert bool(tf.reduce_any(one != two))


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_finite_on_the_data(name):
    density = synthetic.density(name)
    points = density.sample(1000, seed=rng.make_seed(3))
    with tf.GradientTape() as tape:
        tape.watch(points)
        total = tf.reduce_sum(density.log_prob(points))
    assert np.isfinite(tape.gradient(total, points)).all()


def _log_prob(name, *points):
    return synthetic.density(name).log_prob(tf.constant(points, tf.float32)).numpy()


def test_known_values_of_the_gaussians():
    # At a center the other seven are 7.6 deviations and more away.
    want = -math.log(8 * 2 * math.pi * 0.04)
    np.testing.assert_allclose(_log_prob("eight_gaussians", [2, 0]), want, rtol=1e-6)


def test_known_values_of_the_checkerboard():
    inside = _log_prob("checkerboard", [-1.5, -1.5], [1.5, 1.5], [-0.5, 0.5])
    np.testing.assert_allclose(inside[:2], -math.log(8), rtol=1e-6)
    outside = _log_prob("checkerboard", [-1.5, -0.5], [2.5, 0.5], [9, 9])
    assert (outside == -np.inf).all()


def test_known_values_of_the_rings():
    # A third of the mass on the circle, spread over 2 pi r and a normal's width.
    for radius in (0.8, 1.8, 2.8):
        want = -math.log(3 * 2 * math.pi * radius * 0.1 * math.sqrt(2 * math.pi))
        points = [[radius, 0], [0, -radius], [radius * 0.6, radius * 0.8]]
        np.testing.assert_allclose(_log_prob("rings", *points), want, rtol=1e-4)


def test_known_values_of_the_moons():
    # The tops of the two arches, where the other one is nowhere near.
    want = -math.log(2 * 1.5 * math.pi * 0.12 * math.sqrt(2 * math.pi))
    got = _log_prob("two_moons", [-0.75, 1.2], [0.75, -1.2])
    np.testing.assert_allclose(got, want, rtol=1e-4)


def test_the_spirals_are_the_same_half_a_turn_on():
    points = np.random.default_rng(0).uniform(-2.5, 2.5, [200, 2])
    np.testing.assert_allclose(
        _log_prob("spirals", *points), _log_prob("spirals", *-points), atol=1e-3
    )


@pytest.mark.parametrize("twist", [0.0, 2.0])
def test_polar_volume_is_that_of_its_jacobian(twist):
    polar = synthetic.Polar(twist)
    seeds = rng.split(rng.make_seed(0), 2)
    radius = 0.2 + 3 * rng.uniform(seeds[0], [50])
    angle = math.pi * (2 * rng.uniform(seeds[1], [50]) - 1)
    x = tf.stack([radius, angle], axis=-1)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = polar.forward(x)
    jacobian = tape.batch_jacobian(y, x)
    np.testing.assert_allclose(
        polar.forward_log_det_jacobian(x, 1),
        tf.linalg.slogdet(jacobian).log_abs_determinant,
        atol=1e-5,
    )
    # `y` again as a new tensor, or the bijector would recall where it came from.
    np.testing.assert_allclose(polar.inverse(tf.constant(y.numpy())), x, atol=1e-5)


def test_unknown_name_lists_the_known():
    with pytest.raises(
        ValueError, match="`name` must be one of eight_gaussians, check"
    ):
        synthetic.density("moon")
