"""Energies of splits that are formulas."""

import dataclasses
import math

import numpy as np
import pytest

from ebm_tf.studies.relative_energy import RelativeEnergyConfig
from tests.ebm_tf.studies import known

CONFIG = RelativeEnergyConfig(num_examples=None, num_levels=2)
OFFSETS = {"train": 0.0, "validation": 0.1, "test": 0.2}
NUM = 60
# Beside the centres of the first two classes; under the nearest of them.
SAMPLES = (known.CENTRES[[0, 1, 1]] + 0.05).reshape([3, *known.SHAPE])


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    def made(name):
        # Each split lies at its own distance from the centres of its classes.
        labels = np.arange(NUM, dtype=np.int32) % 3
        first = np.eye(4, dtype=np.float32)[0]
        spread = 0.01 * (np.arange(NUM, dtype=np.float32) // 3)[:, None] / NUM
        x = known.CENTRES[labels] + (OFFSETS[name] + spread) * first
        return x.reshape([NUM, *known.SHAPE]), labels

    return known.examples(tmp_path_factory.mktemp("examples"), made=made)


def test_each_example_is_under_its_own_class(examples):
    found = CONFIG.run(
        known.subject(known.energy(), examples=examples, samples=SAMPLES)
    )
    [row] = found.tables["energies"]["rows"]
    assert row["level"] is None and set(row["sets"]) == {*OFFSETS, "samples", "noise"}
    spread = 0.01 * (np.arange(NUM) // 3) / NUM
    means = {n: np.mean(np.square(o + spread) / 2.0) for n, o in OFFSETS.items()}
    for name, mean in means.items():
        got = row["sets"][name]
        assert got["relative_mean"] == pytest.approx(mean - means["train"], abs=1e-6)
        assert got["num"] == NUM
    samples = 4 * 0.05**2 / 2.0 - means["train"]
    assert row["sets"]["samples"]["relative_mean"] == pytest.approx(samples, abs=1e-6)
    # The splits do not overlap: every training example lies below every other.
    assert row["train_below"]["test"] == {"area": 1.0, "standard_error": 0.0}
    assert found.details["train_below_test"]["area"] == 1.0
    assert set(found.figures) == {"energies_0"}
    assert set(found.arrays) == {f"{name}_0" for name in row["sets"]}


def test_at_each_level_examples_have_its_noise(examples):
    model = known.energy(width=0.1, levels=known.LEVELS)
    found = CONFIG.run(known.subject(model, examples=examples, samples=SAMPLES))
    rows = found.tables["energies"]["rows"]
    assert [row["level"] for row in rows] == pytest.approx([0.01, 2.0])
    # With noise, E is sigma^2 / (2 v) times a chi square of 4, plus the logarithm.
    variance = 0.1**2 + 2.0**2
    values = found.arrays["train_1"]
    mean = 2.0 * 2.0**2 / variance + 2.0 * math.log(variance)
    # A chi square of 4 halved has the deviation sqrt(2): four standard errors.
    assert values.mean() == pytest.approx(mean, abs=4.0 * math.sqrt(2.0 / NUM))
    # At the widest level splits cannot be told apart; at the lowest they can.
    assert rows[0]["train_below"]["test"]["area"] > 0.99
    area = rows[1]["train_below"]["test"]
    assert abs(area["area"] - 0.5) < 4.0 * area["standard_error"] < 0.25


def test_settings_and_fewer_examples(examples):
    few = dataclasses.replace(CONFIG, num_examples=7)
    found = few.run(known.subject(known.energy(), examples=examples, samples=SAMPLES))
    [row] = found.tables["energies"]["rows"]
    nums = {name: each["num"] for name, each in row["sets"].items()}
    assert nums.pop("samples") == 3 and set(nums.values()) == {7}
    for name, value in (("num_examples", 1), ("num_levels", 0)):
        with pytest.raises(ValueError, match=f"`{name}` must be"):
            dataclasses.replace(CONFIG, **{name: value})
