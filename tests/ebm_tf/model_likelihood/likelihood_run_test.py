"""The pieces of a log-likelihood, on energies whose log Z is known."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.networks.convnet import ConvNetConfig
from ebm_tf.likelihood.base import Uniform
from ebm_tf.likelihood.config import BaseConfig
from ebm_tf.model_likelihood.likelihood_run import Row, class_energies, rows
from tests.ebm_tf import levels
from tests.likelihood_targets import (
    CONFIG,
    SHAPE,
    TARGETS,
    make_run,
)

ROW = Row(40, 3, "base", True)
BASE = Uniform(PIXELS, SHAPE)


@pytest.fixture(scope="module")
def used():
    """A run that has been used, its parts, and what it reported."""
    parts, passed = {}, []
    run = make_run(parts=parts, report=passed.append)
    annealers = run.annealers(BASE, 1.0, ROW, 0)
    forward = run.forward(annealers, ROW, 0)
    x = TARGETS[0].sample(100, rng.make_seed(1)).numpy()
    weights = run.reverse(annealers, ROW, 0, "test", x)
    return run, parts, list(passed), forward, x, weights


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
    for target, each in zip(TARGETS, weights, strict=True):
        # log mean w estimates log(p_ann / exp(-E)), which is near -log Z.
        scores = each - -target.log_z()
        error = scores.std() / np.sqrt(scores.size)
        assert 5.0 * error < 0.5
        assert abs(np.log(np.mean(np.exp(scores)))) < 0.5
    assert not np.allclose(weights[:, 0], weights[:, 1])  # chains of their own


def test_parts_that_are_there_are_not_computed_again(used):
    _, parts, passed, forward, x, weights = used
    before = dict(parts)
    again_passed = []
    run = make_run(parts=parts, report=again_passed.append)
    annealers = run.annealers(BASE, 1.0, ROW, 0)
    again = run.forward(annealers, ROW, 0)
    np.testing.assert_array_equal(again[0].log_weights, forward[0].log_weights)
    back = run.reverse(annealers, ROW, 0, "test", x)
    np.testing.assert_array_equal(back, weights)
    assert all(parts[name] is value for name, value in before.items())
    assert sum(again_passed) == sum(passed)


def test_batches_hold_no_more_chains_than_allowed(used):
    _, parts, *_ = used
    names = [name for name in parts if name.startswith("forward-40-3-base-0-0-")]
    sizes = [len(parts[name]["log_weights"]) for name in names]
    assert sizes == [120, 120, 60]


def test_total_counts_what_is_reported(used):
    _, _, passed, *_ = used
    run = make_run(num_temperatures=(40,), num_replicates=1)
    # Without the chains from training images, which the fixture did not run.
    assert run.total == sum(passed) + 2 * 2 * 40


def test_other_runs_have_pilots_and_chains_of_their_own(used):
    run, _, _, forward, x, weights = used
    annealers = run.annealers(BASE, 1.0, ROW, 1)
    first = run.annealers(BASE, 1.0, ROW, 0)
    assert np.abs(annealers[0].betas[1:-1] - first[0].betas[1:-1]).max() > 0
    other = run.forward(annealers, ROW, 1)
    assert not np.intersect1d(other[0].log_weights, forward[0].log_weights).size
    back = run.reverse(annealers, ROW, 1, "test", x)
    assert not np.intersect1d(back, weights).size


def test_rows_that_check_the_one_that_counts():
    base = BaseConfig(kind="uniform", num_images=10)
    config = dataclasses.replace(CONFIG, doubling=True, second_base=base)
    assert rows(CONFIG) == [Row(20, 3, "base", False), Row(40, 3, "base", True)]
    assert rows(config)[2:] == [
        Row(80, 3, "base", False),
        Row(40, 6, "base", False),
        Row(40, 3, "second", False),
    ]
    names = [row.name for row in rows(config)]
    assert len(set(names)) == len(names)


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
