"""Log-likelihoods from both sides against the truth."""

import dataclasses

import numpy as np
import pytest

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.networks.residual import ResidualBaseConfig, ResidualConfig
from ebm_tf.likelihood.config import BaseConfig
from ebm_tf.model_likelihood.likelihood import Images, measure_likelihood
from tests.likelihood_targets import CONFIG, SHAPE, TARGETS, make_run


def images_of(target, num=100):
    def draw(seed, size):
        return target.sample(size, rng.make_seed(seed)).numpy()

    def labels(size):
        return (np.arange(size) % 2).astype(np.int32)

    return Images(
        draw(1, 50), labels(50), draw(2, 200), draw(3, num), labels(num),
        draw(4, num), labels(num),
    )  # fmt: skip


def true_log_likelihoods(targets, x):
    each = [-target(x).numpy() - target.log_z() for target in targets]
    return np.logaddexp.reduce(each, axis=0) - np.log(len(targets))


@pytest.fixture(scope="module")
def plain():
    changes = {"num_replicates": 5, "chains_per_batch": 300}
    config = dataclasses.replace(CONFIG, **changes)
    images, run = images_of(TARGETS[0]), make_run(TARGETS[:1], **changes)
    return images, measure_likelihood(run, images, config, PIXELS)


def test_both_sides_are_near_the_truth(plain):
    images, found = plain
    for row in found.metrics["rows"]:
        x = images.test if row["split"] == "test" else images.train
        truth = true_log_likelihoods(TARGETS[:1], x)
        ais, conservative = row["ais"], row["raise"]
        assert ais["form"] == "interval" and ais["num_runs"] == 5 and ais["ess"] >= 50
        assert 5.0 * ais["error"] < 0.5
        assert abs(ais["value"] - truth.mean()) < 5.0 * ais["error"]
        assert 5.0 * row["gap"]["error"] < 0.5
        assert conservative["form"] == "at_least"
        low = truth.mean() - 5.0 * row["gap"]["error"] - 0.3
        assert low < conservative["value"] < truth.mean() + 0.1
        assert not any(found.metrics["marks"].values())


def test_each_number_of_temperatures_has_a_row_and_the_last_has_both_splits(plain):
    _, found = plain
    rows = [(row["num_temperatures"], row["split"]) for row in found.metrics["rows"]]
    assert rows == [(20, "test"), (40, "test"), (40, "train")]
    assert found.path["betas"].shape == found.path["ess"].shape == (1, 40)
    assert found.metrics["classes"] == [] and found.scans == {}
    assert found.ends.shape == (1, 50, *SHAPE)
    assert np.all((found.ends >= 0.0) & (found.ends <= 1.0))


def test_bits_per_dimension_and_baselines(plain):
    _, found = plain
    assert found.metrics["uniform"] == {"test": 0.0, "train": 0.0}
    assert found.metrics["base"]["test"] == 0.0  # the base is the uniform density
    row = found.metrics["rows"][0]["ais"]
    bits = 8.0 - row["value"] / 4 / np.log(2.0)
    assert row["bits"]["value"] == pytest.approx(bits)
    assert found.images["raise"].shape == (5, 100)
    assert found.images["base"].tolist() == [0.0] * 100


def test_classes_are_mixed_and_told_one_by_one():
    config = dataclasses.replace(CONFIG, num_temperatures=(40,))
    images = images_of(TARGETS[1])
    run = make_run(TARGETS, num_temperatures=(40,))
    found = measure_likelihood(run, images, config, PIXELS)
    row = found.metrics["rows"][0]
    truth = true_log_likelihoods(TARGETS, images.test).mean()
    assert abs(row["ais"]["point"] - truth) < 0.5 and row["ais"]["form"] == "at_most"
    assert abs(row["raise"]["point"] - truth) < 0.5
    assert row["raise"]["value"] < truth < row["ais"]["value"]
    for label, one in enumerate(found.metrics["classes"]):
        x = images.test[images.test_labels == label]
        alone = true_log_likelihoods(TARGETS[label : label + 1], x).mean()
        assert abs(one["ais"]["point"] - alone) < 0.5 and alone < one["ais"]["value"]


def test_what_checks_the_row_is_measured():
    changes = {
        "num_temperatures": (4,),
        "num_replicates": 2,
        "resample": True,
        "doubling": True,
        "second_base": BaseConfig(
            kind="truncated_gaussian", min_std=0.1, num_images=50
        ),
        "pilot": dataclasses.replace(CONFIG.pilot, adapt_mass=True, num_moves=2),
        "chains_per_batch": 300,
    }
    config = dataclasses.replace(CONFIG, **changes)
    images = images_of(TARGETS[0])
    run = make_run(TARGETS[:1], **changes)
    found = measure_likelihood(run, images, config, PIXELS).metrics
    fields = ("num_temperatures", "num_leapfrog", "from", "split")
    assert [tuple(row[name] for name in fields) for row in found["rows"]] == [
        *((4, 3, "base", "test"), (4, 3, "base", "train"), (8, 3, "base", "test")),
        *((4, 6, "base", "test"), (4, 3, "second", "test")),
    ]
    truth = true_log_likelihoods(TARGETS[:1], images.test).mean()
    for row in found["rows"]:
        assert row["ais"]["ess"] is None and 1 <= row["ais"]["num_ancestors"] < 300
        assert row["ais"]["form"] == "at_most"  # of two runs
        if row["split"] == "test":
            assert row["raise"]["value"] < truth < row["ais"]["value"]
            assert abs(row["ais"]["point"] - truth) < 0.5
    # What is said of a row is in marks_test.py; here, that every row is asked.
    names = {"4-3-base", "8-3-base", "4-6-base", "4-3-second"}
    assert set(found["marks"]) == names
    checks = {"doubling": True, "second_base": True, "exact_samples": False}
    assert found["checks"] == checks


def test_a_scan_chooses_beta_when_none_is_given():
    config = dataclasses.replace(CONFIG, beta=None, num_temperatures=(20,))
    images = images_of(TARGETS[0])
    run = make_run(TARGETS[:1], beta=None, num_temperatures=(20,))
    found = measure_likelihood(run, images, config, PIXELS)
    [scan] = found.scans.values()
    assert found.metrics["beta"] == scan.best_beta
    assert 0.5 < found.metrics["beta"] < 2.0  # the images are of beta 1
    assert scan.log_z.shape == (1, 80) and images.test.shape[1:] == SHAPE


def residual_energy(images):
    base = ResidualBaseConfig(kind="gaussian_copula", min_std=0.01, smoothing=0.1)
    config = ResidualConfig(base=base, filters=(2,), dense=2, units=2, slope=4.0)
    energy = build_energy(config, SHAPE, 0, PIXELS)
    energy.fit_base([images.fit])
    return energy


OWN_BASE = {"base": BaseConfig(kind="model", num_images=10), "num_temperatures": (3,)}


def test_a_residual_energy_with_f_0_is_its_base_exactly():
    """Every weight is 1: no error of the chains is left, on either side."""
    images = images_of(TARGETS[0])
    energy = residual_energy(images)
    run = make_run([energy], num_replicates=1, **OWN_BASE)
    config = dataclasses.replace(CONFIG, num_replicates=1, **OWN_BASE)
    found = measure_likelihood(run, images, config, PIXELS)
    base = np.mean(energy.base.log_prob(images.test))
    row = found.metrics["rows"][0]
    assert found.metrics["base"]["test"] == pytest.approx(base, abs=1e-5)
    for side in ("ais", "raise"):
        assert row[side]["point"] == pytest.approx(base, abs=1e-4)
    assert found.images["raise"][0] == pytest.approx(found.images["base"], abs=1e-3)


def test_the_base_of_an_energy_without_one_is_refused():
    config = dataclasses.replace(CONFIG, **OWN_BASE)
    run = make_run(TARGETS[:1], **OWN_BASE)
    with pytest.raises(ValueError, match="`model` must be of a residual energy"):
        measure_likelihood(run, images_of(TARGETS[0]), config, PIXELS)


def test_the_own_base_is_for_the_energy_as_it_is():
    with pytest.raises(ValueError, match="`beta` must be 1 from the model's own"):
        dataclasses.replace(CONFIG, **OWN_BASE | {"beta": 2.0})
    with pytest.raises(ValueError, match="`min_std` must be null for model"):
        BaseConfig(kind="model", min_std=0.1, num_images=10)
