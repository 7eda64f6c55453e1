"""The pieces of a log-likelihood, on energies whose log Z is known."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.analysis.likelihood_run import class_energies
from ebm_tf.box import PIXELS
from ebm_tf.energy import analytic
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.config import ConvNetConfig
from ebm_tf.likelihood.base import Uniform
from tests.likelihood_targets import SHAPE, SLOPES, TARGETS, make_run


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


def test_an_energy_that_is_not_finite_is_named():
    run = make_run([lambda x: tf.reduce_sum(x, [1, 2, 3]) * np.nan], beta=None)
    with pytest.raises(ValueError, match=r"`target_fn` must be finite"):
        run.scan(np.full([4, *SHAPE], 0.5, np.float32))
