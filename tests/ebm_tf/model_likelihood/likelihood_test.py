"""Log-likelihoods from both sides against the truth."""

import dataclasses

import numpy as np
import pytest

from ebm_tf import rng
from ebm_tf.box import PIXELS
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
    images = images_of(TARGETS[0])
    return images, measure_likelihood(make_run(TARGETS[:1]), images, CONFIG, PIXELS)


def test_both_sides_are_near_the_truth(plain):
    images, found = plain
    for row in found.metrics["rows"]:
        x = images.test if row["split"] == "test" else images.train
        truth = true_log_likelihoods(TARGETS[:1], x)
        ais, conservative = row["ais"], row["raise"]
        assert 5.0 * ais["standard_error"] < 0.5
        assert abs(ais["value"] - truth.mean()) < 5.0 * ais["standard_error"]
        # RAISE's error holds the images' spread, which the truth here has too.
        assert 5.0 * row["gap_error"] < 0.5
        assert abs(conservative["value"] - truth.mean()) < 5.0 * row["gap_error"]


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
    assert row["bits_per_dim"] == pytest.approx(8.0 - row["value"] / 4 / np.log(2.0))


def test_classes_are_mixed_and_told_one_by_one():
    config = dataclasses.replace(CONFIG, num_temperatures=(40,))
    images = images_of(TARGETS[1])
    run = make_run(TARGETS, num_temperatures=(40,))
    found = measure_likelihood(run, images, config, PIXELS)
    row = found.metrics["rows"][0]
    truth = true_log_likelihoods(TARGETS, images.test).mean()
    assert 5.0 * row["ais"]["standard_error"] < 0.5
    assert abs(row["ais"]["value"] - truth) < 5.0 * row["ais"]["standard_error"]
    assert abs(row["raise"]["value"] - truth) < 5.0 * row["gap_error"] < 0.5
    for label, one in enumerate(found.metrics["classes"]):
        x = images.test[images.test_labels == label]
        alone = true_log_likelihoods(TARGETS[label : label + 1], x).mean()
        assert abs(one["ais"]["value"] - alone) < 5.0 * one["ais"]["standard_error"]


def test_a_scan_chooses_beta_when_none_is_given():
    config = dataclasses.replace(CONFIG, beta=None, num_temperatures=(20,))
    images = images_of(TARGETS[0])
    run = make_run(TARGETS[:1], beta=None, num_temperatures=(20,))
    found = measure_likelihood(run, images, config, PIXELS)
    [scan] = found.scans.values()
    assert found.metrics["beta"] == scan.best_beta
    assert 0.5 < found.metrics["beta"] < 2.0  # the images are of beta 1
    assert scan.log_z.shape == (1, 80) and images.test.shape[1:] == SHAPE
