"""The inverse temperature that made the data is found, by what chooses it."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy import analytic
from ebm_tf.likelihood.base import Uniform
from ebm_tf.likelihood.config import ScanConfig
from ebm_tf.likelihood.fit import fit_truncated_mixture
from ebm_tf.model_likelihood import scans
from tests.likelihood_targets import (
    CONFIG,
    SHAPE,
    SLOPES,
    TARGETS,
    HiddenWell,
    make_run,
)


def test_scan_finds_the_beta_that_made_the_data():
    data = analytic.LinearOnBox(3.0 * SLOPES[0], PIXELS).sample(500, rng.make_seed(2))
    run = make_run(TARGETS[:1], beta=None)
    found = scans.scan(run, data.numpy())
    energies = TARGETS[0](data).numpy()
    # The curvature of the likelihood at the top is the variance of the energy.
    grid = np.max(np.diff(np.log(found.betas[found.betas > 1.0])))
    tolerance = 1.5 * grid + 5.0 / (3.0 * energies.std() * np.sqrt(500))
    assert tolerance < np.log(2.0)
    assert abs(np.log(found.best_beta / 3.0)) < tolerance


def test_a_scan_from_the_fitted_base_meets_the_mode_that_uniform_chains_miss():
    """The well is nearly all there is at beta 2; chains from uniform never see it."""
    energy = HiddenWell()
    scan = ScanConfig(
        beta_max=2.0,
        span=4.0,
        num_temperatures=50,
        num_chains=300,
        num_images=500,
        min_ess=20.0,
    )
    pilot = dataclasses.replace(CONFIG.pilot, min_relative_ess=0.5)
    run = make_run([energy], beta=None, scan=scan, pilot=pilot, chains_per_batch=300)
    validation, _ = energy.sample(500, 1)
    first = scans.scan(run, validation)
    log_likelihood = first.log_likelihood[first.best]
    energies = run.energies(validation)[0]
    truth = -first.best_beta * energies.mean() - energy.log_z(first.best_beta)
    assert log_likelihood > truth + 10.0 and first.best_beta > 1.5
    base = fit_truncated_mixture(*energy.sample(1000, 2), 2, PIXELS, 0.02)
    found = scans.scan_around(run, first.best_beta, base, validation)
    low, high = first.best_beta / 4.0, first.best_beta * 4.0
    assert low < found.betas[0] and found.betas[-1] == pytest.approx(high)
    exact = np.array([energy.log_z(beta) for beta in found.betas])
    trusted = found.ess > scan.min_ess
    assert trusted.sum() >= 5 and 5.0 * found.standard_error[found.best] < 1.0
    scores = (found.log_z[0] - exact) / found.standard_error
    assert np.max(np.abs(scores[trusted])) < 5.0
    # The likelihood's curvature at the top is the variance of the energy.
    spread = 5.0 / (energies.std() * np.sqrt(500))
    tolerance = np.max(np.diff(np.log(found.betas))) + spread
    assert tolerance < np.log(1.5) and abs(np.log(found.best_beta)) < tolerance


@pytest.mark.parametrize("truth", [16.0])
def test_raise_chooses_the_beta_that_made_the_data(truth):
    """Even from a first guess that is off by more than the span."""
    made = analytic.LinearOnBox(truth * SLOPES[0], PIXELS)
    data = made.sample(200, rng.make_seed(2)).numpy()
    settings = dataclasses.replace(CONFIG.scan, span=4.0, num_temperatures=30)
    run = make_run(TARGETS[:1], beta=None, scan=settings)
    base = Uniform(PIXELS, SHAPE)
    found = scans.scan_raise(run, 3.0, base, data)
    # Half a step of the range, in the log: what the grid resolves.
    assert abs(np.log(found.best_beta / truth)) <= np.log(4.0) / 2.0 + 1e-6
    assert found.error[found.best] == 0.0 and np.all(np.diff(found.betas) > 0)
    log_z = analytic.LinearOnBox(found.best_beta * SLOPES[0], PIXELS).log_z()
    exact = -found.best_beta * TARGETS[0](tf.constant(data)).numpy() - log_z
    # Conservative, and by no more than a nat.
    assert exact.mean() - 1.0 < found.log_likelihood[found.best] < exact.mean() + 0.2


def test_find_beta_takes_what_the_settings_name():
    data = TARGETS[0].sample(100, rng.make_seed(2)).numpy()
    settings = dataclasses.replace(
        CONFIG.scan, span=3.0, num_temperatures=30, by="raise", num_betas=3
    )
    run = make_run(TARGETS[:1], beta=None, scan=settings)
    beta, found = scans.find_beta(run, Uniform(PIXELS, SHAPE), data)
    assert list(found) == ["uniform", "raise"] and beta == found["raise"].best_beta
    assert 1.0 / 3.0 < beta < 3.0


def test_an_energy_that_is_not_finite_is_named():
    run = make_run([lambda x: tf.reduce_sum(x, [1, 2, 3]) * np.nan], beta=None)
    with pytest.raises(ValueError, match=r"`target_fn` must be finite"):
        scans.scan(run, np.full([4, *SHAPE], 0.5, np.float32))
