"""Resampled chains: no chain is lost on average, and Z stays unbiased."""

import functools
import math

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.energy import analytic
from ebm_tf.likelihood import annealing, base, resampling, schedules
from ebm_tf.sampling import hmc

NUM = 40


def resample(log_weights, seed):
    x = tf.range(len(log_weights), dtype=tf.float32)[:, tf.newaxis]
    state = annealing.begin(x, np.asarray(log_weights))
    return resampling.resample_below_half(state, rng.make_seed(seed))


def test_even_weights_are_left_alone():
    log_w = np.log([1.0, 1.5, 0.8, 1.2])
    found = resample(log_w, 0)
    np.testing.assert_allclose(found.log_weights, log_w)
    np.testing.assert_array_equal(found.ancestors, [0, 1, 2, 3])
    np.testing.assert_array_equal(found.squared_cv, np.zeros(4))


def test_each_chain_is_kept_in_proportion_to_its_weight():
    w = np.array([8.0, 1.0, 0.5, 0.1, 0.3, 0.1])
    counts = np.zeros(6)
    for seed in range(200):
        found = resample(np.log(w) - 3000.0, seed)
        kept = found.ancestors.numpy()
        np.testing.assert_array_equal(found.x[:, 0], kept)
        np.testing.assert_allclose(
            found.log_weights, np.full(6, math.log(w.mean()) - 3000.0)
        )
        counts += np.bincount(kept, minlength=6)
    expected = 6.0 * w / w.sum()
    # Systematic: each count is one of the two whole numbers about its mean.
    part = expected % 1.0
    tolerance = 5.0 * np.sqrt(part * (1.0 - part) / 200.0)
    assert (
        np.all(np.abs(counts / 200.0 - expected) < tolerance) and tolerance.max() < 0.2
    )
    ess = w.sum() ** 2 / np.sum(w**2)
    expected_cv = (6.0 / ess - 1.0) * 6.0 / 5.0
    np.testing.assert_allclose(found.squared_cv, np.full(6, expected_cv))


def test_z_is_unbiased_and_its_logarithm_spreads_less():
    """Few steps to a narrow Gaussian, by a kernel that hardly moves."""
    target = analytic.DiagonalGaussian(np.full(3, 1.5), np.full(3, 0.4))
    start = base.StandardNormal((3,))
    kernel = functools.partial(hmc.hmc_step, step_size=0.25, num_leapfrog=2)

    def run(resample):
        level_at = schedules.level_at(schedules.linear(8))
        path = annealing.Path(start, target, lambda k: kernel, level_at, resample)

        @tf.function(autograph=False)
        def one(seed):
            seeds = rng.split(seed, 2)
            state = annealing.begin(start.sample(NUM, seeds[0]))
            found = path.forward(state, 0, 8, seeds[1])
            return found.log_mean[-1], found.ancestors, found.squared_cv

        return [[e.numpy() for e in one(rng.make_seed(s))] for s in range(300)]

    spreads = []
    for found in (run(False), run(True)):
        ratios = np.exp(np.array([log_z for log_z, *_ in found]) - target.log_z())
        error = ratios.std(ddof=1) / math.sqrt(len(ratios))
        assert abs(ratios.mean() - 1.0) < 4.0 * error and error < 0.15
        spreads.append(np.std(np.log(ratios)))
    assert spreads[1] < 0.8 * spreads[0]
    _, ancestors, squared_cv = found[0]
    assert len(np.unique(ancestors)) < NUM and squared_cv[0] > 1.0
