"""Estimates from log weights, against what log-normal weights must give."""

import math

import numpy as np
import pytest

from ebm_tf.likelihood import estimate


def log_normal(shape, spread, seed=0):
    """Log weights whose mean weight is exactly 1."""
    generator = np.random.default_rng(seed)
    return generator.normal(-(spread**2) / 2.0, spread, shape)


def test_log_mean_exp_of_huge_weights():
    found = estimate.log_mean_exp([1000.0, 1000.0 + math.log(3.0)])
    assert found.value == pytest.approx(1000.0 + math.log(2.0), abs=1e-12)
    assert found.ess == pytest.approx(16.0 / 10.0)
    # weights 1 and 3: standard deviation sqrt(2), over sqrt(2), over the mean 2
    assert found.standard_error == pytest.approx(0.5)
    assert found.num_chains == 2 and found.side == "low"


def test_standard_error_is_the_spread_over_repetitions():
    repetitions, num, spread = 2000, 400, 0.8
    estimates = [
        estimate.log_mean_exp(log_w) for log_w in log_normal((repetitions, num), spread)
    ]
    values = np.array([e.value for e in estimates])
    stated = np.sqrt(np.mean([e.standard_error**2 for e in estimates]))
    # A standard deviation is known to 1 / sqrt(2 R); the delta method adds 1 / N.
    tolerance = 5.0 / math.sqrt(2.0 * repetitions) + 10.0 / num
    assert tolerance < 0.15
    assert stated == pytest.approx(values.std(), rel=tolerance)
    expected_ess = num / math.exp(spread**2)
    ess = np.mean([e.ess for e in estimates])
    assert ess == pytest.approx(expected_ess, rel=0.05)


def test_sides_of_log_z():
    repetitions, num, spread = 4000, 5, 1.0
    log_w = log_normal((repetitions, num), spread)
    low = np.array([estimate.log_z_from_forward(row).value for row in log_w])
    high = np.array([estimate.log_z_from_reverse(row).value for row in log_w])
    error = low.std() / math.sqrt(repetitions)
    assert low.mean() < -5.0 * error  # the truth is 0
    assert high.mean() > 5.0 * error
    assert estimate.log_z_from_reverse(log_w[0]).side == "high"


def test_ais_log_likelihood():
    log_z = estimate.LogEstimate(10.0, 0.5, 3.0, 7, "low")
    found = estimate.ais_log_likelihood([1.0, 3.0], log_z)
    assert found == estimate.LogEstimate(-12.0, 0.5, 3.0, 7, "high")


def test_mixture_of_one_class_is_that_class():
    log_z = estimate.LogEstimate(10.0, 0.5, 3.0, 7, "low")
    one = estimate.ais_mixture_log_likelihood([[1.0, 3.0]], [log_z])
    assert one.value == pytest.approx(-12.0)
    assert one.standard_error == pytest.approx(0.5)


def test_mixture_error_is_shared_by_responsibility():
    first = estimate.LogEstimate(0.0, 0.3, 9.0, 10, "low")
    second = estimate.LogEstimate(1.0, 0.4, 5.0, 10, "low")
    # Class 0 alone explains the first point, class 1 alone the second.
    energies = [[0.0, 500.0], [500.0, 0.0]]
    found = estimate.ais_mixture_log_likelihood(energies, [first, second])
    assert found.value == pytest.approx((0.0 - 1.0) / 2.0 - math.log(2.0))
    assert found.standard_error == pytest.approx(math.hypot(0.15, 0.2))
    assert found.ess == 5.0 and found.num_chains == 20 and found.side == "high"


def test_raise_log_densities():
    log_w = np.log([[1.0, 2.0], [3.0, 2.0]])
    found = estimate.raise_log_densities([5.0, 7.0], log_w)
    np.testing.assert_allclose(found, [math.log(2.0) - 5.0, math.log(2.0) - 7.0])
    mean = estimate.raise_log_likelihood(found)
    assert mean.value == pytest.approx(math.log(2.0) - 6.0)
    assert mean.standard_error == pytest.approx(1.0)
    assert mean.side == "low"


def test_raise_errs_low_and_less_so_with_more_chains():
    num, spread = 4000, 1.0
    one, many = (
        estimate.raise_log_likelihood(
            estimate.raise_log_densities(np.zeros(num), log_normal((m, num), spread))
        )
        for m in (1, 16)
    )
    assert one.value + 5.0 * one.standard_error < many.value
    assert many.value < -5.0 * many.standard_error  # the truth is 0
    # One chain a point: the mean of the log, -spread**2 / 2.
    assert one.value == pytest.approx(-0.5, abs=5.0 * one.standard_error)


def test_uniform_mixture():
    found = estimate.uniform_mixture([[0.0, -1000.0], [math.log(3.0), -1000.0]])
    np.testing.assert_allclose(found, [math.log(2.0), -1000.0])


def test_bits_per_dim_of_the_uniform_density_is_eight():
    assert estimate.bits_per_dim(0.0, 784, 1.0 / 256.0) == pytest.approx(8.0)
    assert estimate.bits_per_dim(784 * math.log(2.0), 784, 1 / 256) == pytest.approx(7)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: estimate.log_mean_exp([1.0]), r"`log_weights` must be of at least 2"),
        (
            lambda: estimate.log_mean_exp([1.0, float("nan"), 2.0]),
            r"`log_weights` must be finite. Received: log_weights='1 of 3",
        ),
        (
            lambda: estimate.ais_log_likelihood(
                [], estimate.LogEstimate(0.0, 0.0, 1.0, 2, "low")
            ),
            r"`energies` must be of rank 1, with data",
        ),
        (
            lambda: estimate.raise_log_densities([1.0, math.inf], [[0.0, 0.0]]),
            r"`energies` must be finite",
        ),
        (
            lambda: estimate.raise_log_densities([1.0], [[0.0, 0.0]]),
            r"`log_weights` must be of shape \[num_chains, 1\]",
        ),
        (lambda: estimate.raise_log_likelihood([1.0]), r"at least 2 points"),
        (
            lambda: estimate.ais_mixture_log_likelihood([[1.0]], []),
            r"`log_zs` must be of 1 classes",
        ),
        (lambda: estimate.bits_per_dim(0.0, 0, 1.0), r"`num_dims` must be at least 1"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
