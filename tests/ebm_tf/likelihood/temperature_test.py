"""One run, log Z at every temperature on its path; and the beta that data asks for."""

import functools
import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import fold, rng
from ebm_tf.box import Box
from ebm_tf.energy import analytic
from ebm_tf.likelihood import annealing, base, schedules, temperature
from ebm_tf.sampling import hmc

BOX = Box(low=-1.0, high=2.0, num_levels=None)  # its volume is not 1
SLOPE = np.array([1.0, -0.4, 0.7])
BETA_MAX, TRUE_BETA, NUM = 100.0, 5.0, 150
BETAS = schedules.log_spaced(1e-3, NUM)


@pytest.fixture(scope="module")
def result():
    energy = analytic.LinearOnBox(SLOPE, BOX)
    start = base.Uniform(BOX, (3,))
    steps = tf.constant(np.minimum(1.0, 1.0 / (BETAS * BETA_MAX + 1e-9)), tf.float32)

    def kernel_at(k):
        kernel = functools.partial(
            hmc.hmc_step, step_size=tf.gather(steps, k), num_leapfrog=2
        )
        return fold.on_box(kernel, BOX)

    @tf.function(autograph=False)
    def run(x):
        return annealing.ais_log_weights(
            start, lambda x: BETA_MAX * energy(x), kernel_at, BETAS, x, rng.make_seed(1)
        )

    return run(start.sample(2000, rng.make_seed(0)))


@pytest.fixture(scope="module")
def validation():
    data = analytic.LinearOnBox(TRUE_BETA * SLOPE, BOX).sample(4000, rng.make_seed(5))
    return analytic.LinearOnBox(SLOPE, BOX)(data).numpy()


def scan(result, energies, **changes):
    fields = {
        "schedule": BETAS,
        "ends": (0.0, BETA_MAX),
        "log_scale": BOX.log_volume(3),
        "energies": np.atleast_2d(energies),
        "min_ess": 200.0,
    }
    return temperature.scan_temperatures([result], **fields | changes)


def test_log_z_is_right_all_along_the_path(result, validation):
    found = scan(result, validation)
    np.testing.assert_allclose(found.betas, BETA_MAX * BETAS[1:], rtol=1e-6)
    exact = [analytic.LinearOnBox(b * SLOPE, BOX).log_z() for b in found.betas]
    scores = (found.log_z[0] - exact) / found.standard_error
    trusted = found.ess > 200.0
    assert trusted.sum() > 100
    # The errors of one run's temperatures go together, so 5 of them is the bound.
    assert np.max(np.abs(scores[trusted])) < 5.0
    at_truth = np.argmin(np.abs(found.betas - TRUE_BETA))
    assert 5.0 * found.standard_error[at_truth] < 0.25


def test_chosen_beta_is_the_one_that_made_the_data(result, validation):
    found = scan(result, validation)
    # The likelihood's curvature at the top is the variance of the energy: log beta
    # is known to 1 / (beta * std(E) * sqrt(N)), on a grid this coarse.
    grid = math.log(found.betas[1] / found.betas[0])
    spread = 1.0 / (TRUE_BETA * validation.std() * math.sqrt(len(validation)))
    tolerance = 1.5 * grid + 5.0 * spread
    assert tolerance < math.log(1.5)
    assert abs(math.log(found.best_beta / TRUE_BETA)) < tolerance
    assert found.log_likelihood[found.best] == found.log_likelihood.max()


def test_betas_with_few_effective_chains_are_not_chosen(result, validation):
    least = 0.999 * float(result.ess[0])
    strict = scan(result, validation, min_ess=least)
    assert strict.ess[strict.best] >= least
    assert strict.best_beta < TRUE_BETA / 2.0
    assert strict.log_likelihood[strict.best] < strict.log_likelihood.max()
    with pytest.raises(ValueError, match=r"`min_ess` must be at most"):
        scan(result, validation, min_ess=1e9)


def test_bad_data_is_named(result):
    with pytest.raises(ValueError, match=r"`energies` must be of shape \[1, N\]"):
        scan(result, [])
    with pytest.raises(ValueError, match=r"`energies` must be finite"):
        scan(result, [1.0, math.nan])
    for ends in ((0.0, 0.0), (-1.0, 1.0), (2.0, 1.0), (0.0, math.inf)):
        with pytest.raises(ValueError, match=r"`ends` must be increasing, from 0 on"):
            scan(result, [1.0], ends=ends)


def test_classes_are_mixed_evenly(result, validation):
    """Two classes that are one: the same log-likelihood; one of no use: log 2 less."""
    alone = scan(result, validation)
    fields = {
        "schedule": BETAS,
        "ends": (0.0, BETA_MAX),
        "log_scale": BOX.log_volume(3),
    }
    twice = temperature.scan_temperatures(
        [result, result], energies=[validation, validation], min_ess=200.0, **fields
    )
    np.testing.assert_allclose(twice.log_likelihood, alone.log_likelihood)
    useless = temperature.scan_temperatures(
        [result, result], energies=[validation, validation + 1e6], min_ess=1.0, **fields
    )
    np.testing.assert_allclose(
        useless.log_likelihood, alone.log_likelihood - math.log(2.0)
    )
