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
    assert found.ess == 1.0  # 1.6 by the weights, less by how their logs spread
    assert found.standard_error is None  # of an effective sample size this small
    assert found.num_chains == 2 and found.side == "low"
    # weights 1 and 3: standard deviation sqrt(2), over sqrt(2), over the mean 2
    log_mean, variance = estimate.log_mean_and_variance([0.0, math.log(3.0)])
    assert log_mean == pytest.approx(math.log(2.0)) and variance == pytest.approx(0.25)


def test_an_effective_sample_size_is_of_a_thousand_chains():
    even = np.zeros(5000)
    assert estimate.effective_sample_size(even) == 1000.0
    assert estimate.effective_sample_size(even[:300]) == 300.0
    # Of log-normal weights it tends to N exp(-spread**2), however large N is; the
    # sum of squares alone is half as much again too large, or more.
    for spread in (1.5, 2.5):
        log_w = log_normal(200_000, spread)
        expected = 1000.0 * math.exp(-(spread**2))
        assert estimate.effective_sample_size(log_w) == pytest.approx(expected, rel=0.1)
    few = log_normal(1000, 3.0)
    w = np.exp(few)
    assert estimate.effective_sample_size(few) == 1.0 < w.sum() ** 2 / np.sum(w**2)


def test_the_delta_methods_error_is_withheld_where_it_is_a_ceiling():
    for spread in (6.0, 30.0):
        assert estimate.log_mean_exp(log_normal(1000, spread)).standard_error is None
        assert estimate.log_mean_and_variance(log_normal(1000, spread))[1] < 1.0


def test_standard_error_is_the_spread_over_repetitions():
    repetitions, num, spread = 1000, 400, 0.8
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


def test_raise_log_densities():
    log_w = np.log([[1.0, 2.0], [3.0, 2.0]])
    found = estimate.raise_log_densities([5.0, 7.0], log_w)
    np.testing.assert_allclose(found, [math.log(2.0) - 5.0, math.log(2.0) - 7.0])


def test_raise_errs_low_and_less_so_with_more_chains():
    num, spread = 4000, 1.0
    one, many = (
        estimate.raise_log_densities(np.zeros(num), log_normal((m, num), spread))
        for m in (1, 16)
    )
    errors = [each.std() / math.sqrt(num) for each in (one, many)]
    assert one.mean() + 5.0 * errors[0] < many.mean() < -5.0 * errors[1]  # the truth: 0
    # One chain a point: the mean of the log, -spread**2 / 2.
    assert one.mean() == pytest.approx(-0.5, abs=5.0 * errors[0])


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
            lambda: estimate.raise_log_densities([1.0, math.inf], [[0.0, 0.0]]),
            r"`energies` must be finite",
        ),
        (
            lambda: estimate.raise_log_densities([1.0], [[0.0, 0.0]]),
            r"`log_weights` must be of shape \[num_chains, 1\]",
        ),
        (lambda: estimate.bits_per_dim(0.0, 0, 1.0), r"`num_dims` must be at least 1"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
