"""Small rows: numbers that are known, and a training that diverges is a row."""

import dataclasses

import keras
import numpy as np
import pytest

from ebm_tf.studies.sensitivity import findings
from tests.ebm_tf.studies import known
from tests.ebm_tf.studies.sensitivity import small


def _classifier():
    """Says class 0, surely, of states whose first number is above 1/2."""
    x = keras.Input(known.SHAPE)
    hidden = keras.layers.Dense(128, name="hidden")
    logits = keras.layers.Dense(2, use_bias=False, name="logits")
    model = keras.Model(x, logits(hidden(keras.layers.Flatten()(x))))
    weights = 0.01 * np.random.default_rng(0).normal(size=[4, 128])
    weights[:, 0] = [1.0, 0.0, 0.0, 0.0]
    hidden.set_weights([weights, np.append([-0.5], np.zeros(127))])
    logits.set_weights([np.vstack([[[1e6, 0.0]], np.zeros([127, 2])])])
    return model


@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    examples = known.examples(tmp_path_factory.mktemp("examples"), made=small.uniform)
    return known.subject(None, examples=examples, classifier=_classifier())


def test_rows_and_the_test_images_are_judged_alike(subject):
    found = small.CONFIG.run(subject)
    table = found.tables["rows"]
    assert list(table) == ["test", "base"]
    row = table["base"]
    assert (row["diverged"], row["num"]) == (None, 150)
    assert np.isfinite(row["gap"]) and row["frechet"] > 0.0
    chosen = findings.energies.choose(subject.examples["test"], 150, 3).stored
    above = (chosen[:, 0, 0, 0] > 0.5).mean()
    assert table["test"]["sure"] == 1.0
    assert table["test"]["rarest_class"] == pytest.approx(min(above, 1 - above))
    assert set(found.figures) == {"frechet", "samples"}
    assert found.arrays["samples_base"].shape == (10, *known.SHAPE)
    assert found.shown == ("samples_base",)


def test_training_images_are_at_distance_0_and_others_farther(subject):
    judge = findings._Judge(small.CONFIG, subject)
    stored = findings.energies.choose(subject.examples["train"], 200, 3).stored
    assert judge(stored)["frechet"] == pytest.approx(0.0, abs=1e-6)
    # Halved numbers: mean and deviation of the first feature are halved too.
    gap = 0.25**2 + (0.5 / np.sqrt(12)) ** 2
    assert judge(stored * np.float32(0.5))["frechet"] == pytest.approx(gap, rel=0.15)


def test_a_row_that_diverges_says_when(subject):
    optimizer = dataclasses.replace(small.CONFIG.optimizer, learning_rate=1e30)
    wild = dataclasses.replace(small.CONFIG, optimizer=optimizer)
    found = wild.run(subject)
    row = found.tables["rows"]["base"]
    assert 1 <= row["diverged"] <= 3
    assert (row["num"], row["frechet"], row["gap"]) == (0, None, None)
    assert set(found.figures) == {"frechet"} and found.arrays == {}
