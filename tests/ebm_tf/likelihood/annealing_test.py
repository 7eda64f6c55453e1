"""AIS and reverse AIS weight by weight, and against what would break them."""

import functools
import math

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy import analytic
from ebm_tf.likelihood import (
    annealing,
    base,
    bidirectional,
    estimate,
    schedules,
    unbounded,
)
from ebm_tf.sampling import hmc
from ebm_tf.types import Step

SEED = rng.make_seed(0)


def gaussian(num_dims):
    generator = np.random.default_rng(num_dims)
    mean = generator.uniform(-0.4, 0.4, num_dims)
    return analytic.DiagonalGaussian(
        mean, np.exp(generator.uniform(-0.4, 0.3, mean.shape))
    )


def normal(num_dims):
    return base.StandardNormal((num_dims,))


def kernel_at(step_size, num_leapfrog=3):
    kernel = functools.partial(
        hmc.hmc_step, step_size=step_size, num_leapfrog=num_leapfrog
    )
    return lambda k: kernel


def cached_ais(start, target, betas, x, seed, step_size, fresh):
    """AIS over TFP's kernels, with results carried over unless `fresh`."""

    def kernel_of(beta):
        def log_prob(x):
            return (1.0 - beta) * start.log_prob(x) - beta * target(x)

        return tfp.mcmc.HamiltonianMonteCarlo(
            log_prob, step_size=step_size, num_leapfrog_steps=3
        )

    def body(k, x, log_w, results):
        step = betas[k] - betas[k - 1]
        log_w += step * (-target(x) - start.log_prob(x))
        kernel = kernel_of(betas[k])
        if fresh:
            results = kernel.bootstrap_results(x)
        x, results = kernel.one_step(x, results, seed=rng.fold_in(seed, k))
        return k + 1, x, log_w, results

    betas = tf.constant(betas, tf.float32)
    loop = (1, x, tf.zeros(tf.shape(x)[:1]), kernel_of(betas[0]).bootstrap_results(x))
    num = betas.shape[0] - 1
    return tf.while_loop(lambda k, *_: k <= num, body, loop)[2]


def test_results_carried_over_are_seen():
    num_dims, num_chains, num, step_size = 20, 4000, 20, 0.4
    target, start = gaussian(num_dims), normal(num_dims)
    betas = schedules.linear(num)
    x = start.sample(num_chains, rng.make_seed(3))

    def ours(x):
        return annealing.ais_log_weights(
            start, target, kernel_at(step_size), betas, x, SEED
        ).log_weights

    def cached(x, fresh):
        return cached_ais(start, target, betas, x, SEED, step_size, fresh)

    scores = []
    for function in (
        ours,
        functools.partial(cached, fresh=True),
        functools.partial(cached, fresh=False),
    ):
        found = estimate.log_z_from_forward(tf.function(function, autograph=False)(x))
        scores.append((found.value - target.log_z()) / found.standard_error)
    assert abs(scores[0]) < 4.0
    assert abs(scores[1]) < 4.0
    assert scores[2] < -8.0  # the bias, far beyond what passes


SHIFT = 2.0


def perfect_kernel_at(num):
    """Draws x anew from the k-th of K densities between N(0, 1) and N(SHIFT, 1)."""

    def at(k):
        center = SHIFT * tf.cast(k, tf.float32) / num

        def kernel(energy_fn, x, seed):
            return Step(center + rng.normal(seed, tf.shape(x)), tf.ones_like(x[:, 0]))

        return kernel

    return at


@pytest.mark.parametrize("num", [1, 2, 5])
@pytest.mark.parametrize(
    "function", [annealing.ais_log_weights, annealing.reverse_ais_log_weights]
)
def test_perfect_kernels_give_the_known_law_of_weights(num, function):
    # Each step adds (SHIFT x - SHIFT**2 / 2) / K with x ~ N(SHIFT (k-1) / K, 1),
    # or its reverse: log w ~ N(-SHIFT**2 / (2 K), SHIFT**2 / K), plus or minus log Z.
    target = analytic.DiagonalGaussian([SHIFT], [1.0])
    start = normal(1)
    forward = function is annealing.ais_log_weights
    num_chains = 20_000
    x = (start if forward else target).sample(num_chains, rng.make_seed(1))
    betas = schedules.linear(num)
    log_w = function(start, target, perfect_kernel_at(num), betas, x, SEED).log_weights
    variance = SHIFT**2 / num
    expected = -variance / 2.0 + (1.0 if forward else -1.0) * target.log_z()
    tolerance = 5.0 * math.sqrt(variance / num_chains)
    assert tolerance < variance / 4.0  # a beta off by one moves the mean by variance
    assert np.mean(log_w) == pytest.approx(expected, abs=tolerance)
    assert np.var(log_w) == pytest.approx(
        variance, rel=5.0 * math.sqrt(2.0 / num_chains)
    )


def test_raise_is_unbiased_for_p_ann_and_low():
    # With perfect kernels the last state is an exact sample: p_ann is p.
    target, num = analytic.DiagonalGaussian([SHIFT], [1.0]), 2
    start = normal(1)
    point, num_chains = 1.2, 20_000
    run = annealing.reverse_ais_log_weights(
        start,
        target,
        perfect_kernel_at(num),
        schedules.linear(num),
        tf.fill([num_chains, 1], point),
        SEED,
    )
    exact = float(target.log_prob(tf.constant([[point]]))[0])
    log_w = run.log_weights.numpy()
    energy = target(tf.constant([[point]])).numpy()
    density = estimate.raise_log_densities(energy, log_w[:, np.newaxis])[0]
    error = estimate.log_mean_exp(log_w).standard_error
    assert 5.0 * error < 0.1
    assert density == pytest.approx(exact, abs=5.0 * error)
    each = log_w - energy[0]
    assert each.mean() + 5.0 * each.std() / math.sqrt(len(each)) < exact


def test_raise_nears_log_p_from_below_as_temperatures_grow():
    target = gaussian(20)
    data = target.sample(1000, rng.make_seed(9))
    exact = float(tf.reduce_mean(target.log_prob(data)))

    def reverse(betas):
        def run(x):
            return annealing.reverse_ais_log_weights(
                normal(20),
                target,
                kernel_at(0.4),
                betas,
                x,
                SEED,
            )

        return tf.function(run, autograph=False)(data)

    gaps = []
    for num in (10, 160):
        run = reverse(schedules.linear(num))
        densities = estimate.raise_log_densities(target(data), run.log_weights[None])
        # Point by point, so that the data's own spread cancels.
        gap = densities - target.log_prob(data).numpy()
        gaps.append((gap.mean(), gap.std() / math.sqrt(len(gap))))
        assert densities.mean() < exact
    (few, few_error), (many, many_error) = gaps
    assert few < -5.0 * few_error
    assert few + 5.0 * math.hypot(few_error, many_error) < many < 5.0 * many_error
    assert many > few / 4.0


def test_path_ends_with_the_weights():
    target, num = gaussian(2), 5
    run = annealing.ais_log_weights(
        normal(2),
        target,
        kernel_at(0.5),
        schedules.linear(num),
        rng.normal(SEED, [50, 2]),
        SEED,
    )
    found = estimate.log_mean_exp(run.log_weights)
    assert float(run.log_mean[-1]) == pytest.approx(found.value, abs=1e-9)
    assert float(run.ess[-1]) == pytest.approx(found.ess, rel=1e-9)
    assert run.x.shape == (50, 2)


def test_logit_space_gives_the_same_z():
    # The target is uniform times a tilt; the base a Gaussian over logits.
    target = analytic.LinearOnBox([3.0, -2.0], PIXELS)
    start = base.LogitGaussian([-0.8, 0.5], [[2.5, 0.3], [0.3, 2.5]], PIXELS, (2,))
    kernel = functools.partial(hmc.hmc_step, step_size=0.5, num_leapfrog=3)
    pulled = unbounded.pull_back(target, start.to_box, event_ndims=1)
    found = bidirectional.sandwich_log_z(
        start.latent,
        pulled,
        lambda k: kernel,
        schedules.linear(30),
        start.to_box.inverse(target.sample(1000, rng.make_seed(3))),
        SEED,
    )
    for side in (found.low, found.high):
        assert side.standard_error < 0.05
        assert abs(side.value - target.log_z()) < 5.0 * side.standard_error


def test_equal_seeds_give_equal_weights():
    def run(seed):
        return annealing.ais_log_weights(
            normal(2),
            gaussian(2),
            kernel_at(0.5),
            schedules.linear(3),
            rng.normal(SEED, [5, 2]),
            rng.make_seed(seed),
        )

    np.testing.assert_array_equal(run(1).log_weights, run(1).log_weights)
    assert np.any(run(1).x != run(2).x)


@pytest.mark.parametrize(
    "function", [annealing.ais_log_weights, annealing.reverse_ais_log_weights]
)
def test_bad_arguments_are_named(function):
    def call(betas, num_chains):
        function(
            normal(2),
            gaussian(2),
            kernel_at(0.5),
            betas,
            tf.zeros([num_chains, 2]),
            SEED,
        )

    with pytest.raises(ValueError, match=r"`betas` must be increasing"):
        call([0.0, 0.7, 0.3, 1.0], 3)
    with pytest.raises(ValueError, match=r"`x` must be at least one state"):
        call([0.0, 1.0], 0)
