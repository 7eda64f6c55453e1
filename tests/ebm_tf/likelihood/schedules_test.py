"""Temperature schedules."""

import numpy as np
import pytest

from ebm_tf.likelihood import schedules

SCHEDULES = {
    "linear": schedules.linear(7),
    "sigmoid": schedules.sigmoid(7, 4.0),
    "log_spaced": schedules.log_spaced(1e-6, 7),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_increase_from_zero_to_one(name):
    betas = SCHEDULES[name]
    assert betas.shape == (8,) and betas.dtype == np.float64
    assert betas[0] == 0.0 and betas[-1] == 1.0
    np.testing.assert_allclose(schedules.require_schedule(betas), betas, rtol=1e-7)


def test_sigmoid_is_dense_and_alike_at_both_ends():
    steps = np.diff(schedules.sigmoid(101, 4.0))
    np.testing.assert_allclose(steps, steps[::-1], rtol=1e-9)
    assert steps[0] < 0.1 * steps[50]


def test_log_spaced_has_a_constant_ratio():
    betas = schedules.log_spaced(1e-6, 7)
    np.testing.assert_allclose(betas[2:] / betas[1:-1], 10.0)


def test_refine_keeps_ends_and_shape():
    coarse = np.array([0.0, 0.1, 1.0])
    np.testing.assert_allclose(schedules.refine(coarse, 4), [0, 0.05, 0.1, 0.55, 1])
    np.testing.assert_allclose(schedules.refine(coarse, 2), coarse)


def test_schedule_is_rounded_to_float32():
    betas = schedules.require_schedule([0.0, 0.1, 1.0])
    assert betas.dtype == np.float64 and betas[1] == np.float64(np.float32(0.1))


@pytest.mark.parametrize(
    "betas, message",
    [
        ([0.0], r"`betas` must be a vector of at least 2 numbers"),
        ([[0.0, 1.0]], r"`betas` must be a vector"),
        ([0.1, 1.0], r"`betas` must be a schedule from 0 to 1"),
        ([0.0, 0.9], r"`betas` must be a schedule from 0 to 1"),
        ([0.0, 0.6, 0.4, 1.0], r"`betas` must be increasing.*\(0.6.*, 0.4"),
        ([0.0, 0.5, 0.5 + 1e-12, 1.0], r"`betas` must be increasing, in float32"),
        ([0.0, float("nan"), 1.0], r"`betas` must be increasing"),
    ],
)
def test_bad_schedules_are_named(betas, message):
    with pytest.raises(ValueError, match=message):
        schedules.require_schedule(betas)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match=r"`num_temperatures` must be at least 1"):
        schedules.linear(0)
    with pytest.raises(ValueError, match=r"`sharpness` must be positive"):
        schedules.sigmoid(3, 0.0)
    with pytest.raises(ValueError, match=r"`first` must be below 1"):
        schedules.log_spaced(1.0, 3)
