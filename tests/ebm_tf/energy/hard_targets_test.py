"""Targets of the literature: their log Z by integration, their samples by moments."""

import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.energy import hard_targets


@pytest.mark.parametrize(
    "energy, half_width, missing",
    [
        (hard_targets.gaussians_40(), 48.0, 1e-4),
        # The tails of Student-t with 2 degrees fall like r**-2.
        (hard_targets.student_ts(), 100.0, 2.0 / 90.0**2 + 1e-4),
    ],
)
def test_exp_minus_energy_integrates_to_z(energy, half_width, missing):
    num = 400
    step = 2 * half_width / num
    middle = -half_width + (np.arange(num) + 0.5) * step
    points = np.stack(np.meshgrid(middle, middle, indexing="ij"), -1).reshape(-1, 2)
    values = energy(tf.constant(points, tf.float32)).numpy().astype(np.float64)
    total = np.exp(-values).sum() * step**2
    assert energy.log_z() == 0.0
    assert math.log(total) == pytest.approx(0.0, abs=missing)


def test_funnel_samples_are_neal_s():
    energy = hard_targets.funnel(10)
    x = energy.sample(20_000, rng.make_seed(0)).numpy().astype(np.float64)
    assert energy.state_shape == (10,) and x.shape == (20_000, 10)
    assert x[:, 0].std() == pytest.approx(3.0, rel=0.03)
    scaled = x[:, 1:] * np.exp(-x[:, :1] / 2)
    assert scaled.std() == pytest.approx(1.0, rel=0.01)
    v = np.array([[-2.0] + 9 * [0.1]], np.float32)
    expected = 0.5 * (2 / 3) ** 2 + 0.5 * 9 * (0.01 * math.exp(2) - 2.0)
    expected += math.log(3.0) + 5 * math.log(2 * math.pi)
    assert float(energy(v)[0]) == pytest.approx(expected, rel=1e-5)


def test_mixtures_are_even_and_lie_where_their_means_are():
    num = 5000
    for energy, half_width, count, far in (
        (hard_targets.gaussians_40(3), 40.0, 40, 6.0),
        (hard_targets.student_ts(3), 10.0, 10, 30.0),
    ):
        means = np.random.default_rng(0).uniform(-half_width, half_width, (count, 3))
        x = energy.sample(num, rng.make_seed(1)).numpy()
        distance = np.linalg.norm(x[:, np.newaxis] - means, axis=-1)
        assert np.mean(distance.min(axis=1) < far) > 0.99
    share = np.bincount(distance.argmin(axis=1), minlength=count) / num
    assert share.min() > 0.02


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: hard_targets.funnel(1), r"`num_dims` must be at least 2"),
        (lambda: hard_targets.funnel(std=0.0), r"`std` must be positive"),
        (lambda: hard_targets.gaussians_40(0), r"`num_dims` must be at least 1"),
        (lambda: hard_targets.student_ts(2, num=0), r"`num` must be at least 1"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
