"""Every analytic energy against numerical integration and its own samples."""

import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import box, rng
from ebm_tf.energy import analytic

UNIT = box.PIXELS


def mixture():
    return analytic.GaussianMixture(
        [1.0, 0.5], [[-1.0, 0.0], [1.5, 1.0]], [[0.5, 0.7], [0.8, 0.4]]
    )


# name: (energy in the plane, low, high of a square that holds all its mass)
PLANAR = {
    "diagonal": (analytic.DiagonalGaussian([0.5, -1.0], [0.6, 1.2]), -9.0, 9.0),
    "full": (analytic.FullGaussian([0.2, 0.1], [[1.0, 0.7], [0.7, 0.9]]), -9.0, 9.0),
    "mixture": (mixture(), -9.0, 9.0),
    "truncated": (analytic.TruncatedGaussian([0.3, 1.4], [0.4, 0.2], UNIT), 0.0, 1.0),
    "linear": (analytic.LinearOnBox([3.0, -0.7], UNIT), 0.0, 1.0),
    "double_well": (analytic.DoubleWell(2.0, 0.5), -6.0, 6.0),
}


def on_grid(energy, low, high):
    """Returns points `[n, 2]` and `exp(-E)` there times the cell's area."""
    num = 2000
    middle = low + (np.arange(num) + 0.5) * (high - low) / num
    points = np.stack(np.meshgrid(middle, middle, indexing="ij"), -1).reshape(-1, 2)
    energies = energy(tf.constant(points, tf.float32)).numpy().astype(np.float64)
    return points, np.exp(-energies) * ((high - low) / num) ** 2


@pytest.mark.parametrize("name", PLANAR)
def test_log_z_and_moments_agree_with_integration(name):
    energy, low, high = PLANAR[name]
    points, mass = on_grid(energy, low, high)
    # The midpoint rule on 2000 cells a side errs by some h**2; float32 by 1e-6.
    assert math.log(mass.sum()) == pytest.approx(energy.log_z(), abs=2e-5)
    num = 20_000
    x = energy.sample(num, rng.make_seed(3)).numpy().astype(np.float64)
    assert x.shape == (num, 2)
    probability = mass / mass.sum()
    for function in (lambda z: z, lambda z: z**2, lambda z: z[:, :1] * z[:, 1:]):
        expected = probability @ function(points)
        variance = probability @ function(points) ** 2 - expected**2
        tolerance = 5.0 * np.sqrt(variance / num)
        assert np.all(np.abs(function(x).mean(axis=0) - expected) < tolerance)
        # A shift of a sixth of the spread would be seen.
        assert np.all(tolerance < np.sqrt(variance) / 6.0)


@pytest.mark.parametrize("name", PLANAR)
def test_log_prob_is_normalized_energy(name):
    energy, _, _ = PLANAR[name]
    x = energy.sample(8, rng.make_seed(1))
    np.testing.assert_allclose(
        energy.log_prob(x), -energy(x) - energy.log_z(), rtol=1e-6
    )
    assert energy.state_shape == (2,)
    assert energy(x).shape == (8,)


def test_image_shaped_linear_energy():
    slope = np.random.default_rng(0).normal(0.0, 3.0, (28, 28, 1))
    slope[0, 0, 0] = 0.0
    energy = analytic.LinearOnBox(slope, UNIT)
    x = energy.sample(2000, rng.make_seed(0))
    assert x.shape == (2000, 28, 28, 1)
    assert energy(x).shape == (2000,)
    assert 0.0 <= float(tf.reduce_min(x)) and float(tf.reduce_max(x)) <= 1.0
    # d(log Z) / d(scale) at scale 1 is minus the mean energy.
    half = 1e-4
    up = analytic.LinearOnBox((1.0 + half) * slope, UNIT).log_z()
    down = analytic.LinearOnBox((1.0 - half) * slope, UNIT).log_z()
    energies = energy(x).numpy()
    tolerance = 5.0 * float(energies.std()) / math.sqrt(len(energies))
    assert tolerance < 0.02 * abs(energies.mean())
    assert energies.mean() == pytest.approx(-(up - down) / (2 * half), abs=tolerance)


def test_gaussian_is_the_plain_quadratic():
    energy = analytic.DiagonalGaussian(np.zeros(3), np.full(3, 2.0))
    np.testing.assert_allclose(energy(tf.constant([[2.0, 0.0, 4.0]])), [2.5], rtol=1e-6)


def test_truncated_gaussian_is_infinite_outside():
    energy, _, _ = PLANAR["truncated"]
    assert np.isposinf(energy(tf.constant([[0.5, 1.5]])).numpy()[0])


def test_deep_double_well_has_its_laplace_log_z():
    depth = 2000.0  # each well is nearly a Gaussian of variance 1 / (8 depth)
    expected = math.log(2.0 * math.sqrt(2.0 * math.pi / (8.0 * depth)))
    expected += math.log(0.5 * math.sqrt(2.0 * math.pi))
    log_z = analytic.DoubleWell(depth, 0.5).log_z()
    assert log_z == pytest.approx(expected, abs=1.0 / depth)


def test_equal_seeds_give_equal_samples():
    for energy, _, _ in PLANAR.values():
        first = energy.sample(5, rng.make_seed(9))
        np.testing.assert_array_equal(first, energy.sample(5, rng.make_seed(9)))
        assert np.any(first != energy.sample(5, rng.make_seed(10)))


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: analytic.DiagonalGaussian([0.0], [0.0]), r"`std` must be positive"),
        (lambda: analytic.DiagonalGaussian([0.0], [1.0, 1.0]), r"`std` must be of"),
        (
            lambda: analytic.FullGaussian([0.0, 0.0], [[1.0, 2.0], [2.0, 1.0]]),
            r"`covariance` must be positive definite",
        ),
        (lambda: analytic.DoubleWell(-1.0, 1.0), r"`depth` must be positive"),
    ],
)
def test_bad_arguments_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
