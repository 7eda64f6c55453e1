"""log Z from both sides, against known answers."""

import functools
import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import fold, rng
from ebm_tf.box import PIXELS
from ebm_tf.energy import analytic, rbm
from ebm_tf.likelihood import base, bidirectional, schedules, unbounded
from ebm_tf.sampling import hmc

SEED = rng.make_seed(0)


def gaussian(num_dims):
    generator = np.random.default_rng(num_dims)
    mean = generator.uniform(-0.4, 0.4, num_dims)
    return analytic.DiagonalGaussian(
        mean, np.exp(generator.uniform(-0.4, 0.3, mean.shape))
    )


def machine():
    generator = np.random.default_rng(1)
    return rbm.GaussianBernoulliRbm(
        generator.normal(0.0, 0.4, (10, 12)),
        generator.normal(0.0, 0.2, 10),
        generator.normal(0.0, 0.5, 12),
        np.full(10, 0.8),
    )


def normal(num_dims):
    return base.StandardNormal((num_dims,))


MIXTURE = analytic.GaussianMixture(
    [1.0, 2.0], [[-1.0, 0.0], [1.5, 1.0]], [[0.6, 0.8], [0.7, 0.5]]
)
TRUNCATED = analytic.TruncatedGaussian(
    [0.1, 0.8, 1.2, 0.5], [0.5, 0.2, 0.4, 0.1], PIXELS
)

LINEAR = analytic.LinearOnBox([3.0, -5.0, 0.0], PIXELS)

# name: (target, base, leapfrog steps, step size, temperatures, chains)
TARGETS = {
    "gaussian_2": (gaussian(2), normal(2), 3, 0.6, 60, 2000),
    "gaussian_100": (gaussian(100), normal(100), 3, 0.35, 500, 800),
    "gaussian_784": (gaussian(784), normal(784), 4, 0.28, 400, 300),
    "mixture": (MIXTURE, normal(2), 3, 0.5, 100, 2000),
    "rbm": (machine(), normal(10), 3, 0.5, 150, 2000),
    "truncated": (TRUNCATED, base.Uniform(PIXELS, (4,)), 3, 0.12, 100, 2000),
    "linear": (LINEAR, base.Uniform(PIXELS, (3,)), 3, 0.2, 60, 2000),
}


def kernel_at(target, step_size, num_leapfrog=3):
    kernel = functools.partial(
        hmc.hmc_step, step_size=step_size, num_leapfrog=num_leapfrog
    )
    on_box = isinstance(target, (analytic.TruncatedGaussian, analytic.LinearOnBox))
    return lambda k: fold.on_box(kernel, PIXELS) if on_box else kernel


def check_sandwich(found, log_z, accuracy):
    for side in (found.low, found.high):
        # The error must resolve what is asked for, and then be kept to.
        assert 4.0 * side.standard_error < accuracy
        assert abs(side.value - log_z) < 4.0 * side.standard_error
    assert found.low.side == "low" and found.high.side == "high"


@pytest.mark.parametrize("name", TARGETS)
def test_log_z_is_sandwiched(name):
    target, start, num_leapfrog, step_size, num, num_chains = TARGETS[name]
    found = bidirectional.sandwich_log_z(
        start,
        target,
        kernel_at(target, step_size, num_leapfrog),
        schedules.linear(num),
        target.sample(num_chains, rng.make_seed(7)),
        SEED,
    )
    check_sandwich(found, target.log_z(), 0.5 if name == "gaussian_784" else 0.05)
    for run in (found.forward, found.reverse):
        assert run.log_weights.dtype == tf.float64
        assert run.ess.shape == run.accept_prob.shape == run.log_mean.shape == (num,)
        assert float(tf.reduce_min(run.accept_prob)) > 0.4


def test_image_shaped_energy_in_logits():
    slope = np.random.default_rng(2).normal(0.0, 0.7, (28, 28, 1))
    target = analytic.LinearOnBox(slope, PIXELS)
    start = base.InLogits(base.Uniform(PIXELS, (28, 28, 1)), PIXELS)
    found = bidirectional.sandwich_log_z(
        start,
        unbounded.pull_back(target, start.to_box, start.event_ndims),
        kernel_at(None, 0.55, num_leapfrog=4),
        schedules.linear(70),
        start.to_logits(target.sample(300, rng.make_seed(7))),
        SEED,
    )
    check_sandwich(found, target.log_z(), 0.5)


def test_few_temperatures_err_to_the_sides_they_should():
    target = gaussian(20)
    found = bidirectional.sandwich_log_z(
        normal(20),
        target,
        kernel_at(target, 0.4),
        schedules.linear(8),
        target.sample(5000, rng.make_seed(7)),
        SEED,
    )
    low = found.forward.log_weights.numpy()
    high = -found.reverse.log_weights.numpy()
    # One chain at a time: Jensen's loss is whole.
    assert low.mean() + 5.0 * low.std() / math.sqrt(len(low)) < target.log_z()
    assert high.mean() - 5.0 * high.std() / math.sqrt(len(high)) > target.log_z()
    # All chains together: nearly none of it is left.
    assert abs(found.low.value - target.log_z()) < 5.0 * found.low.standard_error
    assert 5.0 * found.low.standard_error < 0.5 * (target.log_z() - low.mean())
