"""The pieces of a log-likelihood, on energies whose log Z is known."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy import analytic
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.networks.convnet import ConvNetConfig
from ebm_tf.likelihood.base import Uniform
from ebm_tf.likelihood.config import ScanConfig
from ebm_tf.likelihood.fit import fit_truncated_mixture
from ebm_tf.model_likelihood.likelihood_run import class_energies
from tests.ebm_tf import levels
from tests.likelihood_targets import (
    CONFIG,
    SHAPE,
    SLOPES,
    TARGETS,
    HiddenWell,
    make_run,
)


@pytest.fixture(scope="module")
def used():
    """A run that has been used, its parts, and what it reported."""
    parts, passed = {}, []
    run = make_run(parts=parts, report=passed.append)
    annealers = run.annealers(Uniform(PIXELS, SHAPE), 1.0, 40)
    forward = run.forward(annealers)
    x = TARGETS[0].sample(100, rng.make_seed(1)).numpy()
    weights = run.reverse(annealers, "test", x)
    return run, parts, passed, forward, x, weights


def test_forward_runs_give_log_z_of_each_class(used):
    *_, forward, _, _ = used
    for target, run in zip(TARGETS, forward, strict=True):
        assert run.log_weights.shape == (300,)
        error = np.sqrt(1.0 / run.ess[-1] - 1.0 / 300)
        assert 5.0 * error < 0.5
        assert abs(run.log_mean[-1] - target.log_z()) < 5.0 * error


def test_reverse_runs_weigh_every_image_under_every_class(used):
    *_, weights = used
    assert weights.shape == (2, 2, 100)
    for target, rows in zip(TARGETS, weights, strict=True):
        # log mean w estimates log(p_ann / exp(-E)), which is near -log Z.
        scores = rows - -target.log_z()
        error = scores.std() / np.sqrt(scores.size)
        assert 5.0 * error < 0.5
        assert abs(np.log(np.mean(np.exp(scores)))) < 0.5
    assert not np.allclose(weights[:, 0], weights[:, 1])  # chains of their own


def test_parts_that_are_there_are_not_computed_again(used):
    _, parts, passed, forward, x, weights = used
    before = dict(parts)
    again_passed = []
    run = make_run(parts=parts, report=again_passed.append)
    annealers = run.annealers(Uniform(PIXELS, SHAPE), 1.0, 40)
    again = run.forward(annealers)
    np.testing.assert_array_equal(again[0].log_weights, forward[0].log_weights)
    np.testing.assert_array_equal(run.reverse(annealers, "test", x), weights)
    assert all(parts[name] is value for name, value in before.items())
    assert sum(again_passed) == sum(passed)


def test_batches_hold_no_more_chains_than_allowed(used):
    _, parts, *_ = used
    sizes = [len(p["log_weights"]) for n, p in parts.items() if "forward-40-0" in n]
    assert sizes == [120, 120, 60]


def test_total_counts_what_is_reported(used):
    _, _, passed, *_ = used
    run = make_run(num_temperatures=(40,))
    # Without the chains from training images, which the fixture did not run.
    assert run.total == sum(passed) + 2 * 2 * 40


def test_scan_finds_the_beta_that_made_the_data():
    data = analytic.LinearOnBox(3.0 * SLOPES[0], PIXELS).sample(500, rng.make_seed(2))
    run = make_run(TARGETS[:1], beta=None)
    found = run.scan(data.numpy())
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
    first = run.scan(validation)
    log_likelihood = first.log_likelihood[first.best]
    energies = run.energies(validation)[0]
    truth = -first.best_beta * energies.mean() - energy.log_z(first.best_beta)
    assert log_likelihood > truth + 10.0 and first.best_beta > 1.5
    base = fit_truncated_mixture(*energy.sample(1000, 2), 2, PIXELS, 0.02)
    found = run.scan_around(first.best_beta, base, validation)
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


def test_energies_of_classes_are_those_of_their_labels():
    config = ConvNetConfig(
        stem_filters=2,
        filters=2,
        activation="swish",
        kernel_initializer="glorot_uniform",
        normalize_head=False,
    )
    model = build_energy(config, (8, 8, 1), 0)
    x = PIXELS.uniform(rng.make_seed(0), (3, 8, 8, 1))
    [energy_fn] = class_energies(model)
    np.testing.assert_allclose(energy_fn(x), model(x))


def test_where_there_are_noise_levels_it_is_the_energy_of_the_lowest():
    model = levels.network((4,))
    x = PIXELS.uniform(rng.make_seed(0), (3, 4))
    found = [energy_fn(x) for energy_fn in class_energies(model)]
    assert len(found) == 3
    for label, energy in enumerate(found):
        given = {"labels": tf.fill([3], label), "noise_level": tf.fill([3], 0.1)}
        np.testing.assert_allclose(energy, model(x, given), rtol=1e-6)
    assert np.abs(found[0] - found[1]).min() > 1e-3
    alone = dataclasses.replace(levels.NETWORK, num_classes=None)
    [energy_fn] = class_energies(levels.network((4,), alone))
    assert energy_fn(x).shape == (3,)
    numbers = dataclasses.replace(levels.NETWORK, num_classes=None, label_dims=2)
    with pytest.raises(ValueError, match="a model without labels, or of classes"):
        class_energies(levels.network((4,), numbers))


def test_an_energy_that_is_not_finite_is_named():
    run = make_run([lambda x: tf.reduce_sum(x, [1, 2, 3]) * np.nan], beta=None)
    with pytest.raises(ValueError, match=r"`target_fn` must be finite"):
        run.scan(np.full([4, *SHAPE], 0.5, np.float32))
