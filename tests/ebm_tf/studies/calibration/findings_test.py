"""Energies whose classes are drawn at a known temperature."""

import dataclasses

import numpy as np
import pytest
import scipy.special

from ebm_tf.studies import StudyConfig
from ebm_tf.studies.calibration import CalibrationConfig
from tests.ebm_tf.studies import known

CONFIG = CalibrationConfig(num_images=2000, num_bins=5)
TEMPERATURE = 0.1


def drawn(name):
    """States and labels drawn from `softmax(-E / TEMPERATURE)` of the known energy."""
    draw = np.random.default_rng(len(name))
    x = draw.random([2000, 4]).astype(np.float32)
    energy = np.square(x[:, None] - known.CENTRES).sum(axis=2) / 2.0
    probs = scipy.special.softmax(-energy / TEMPERATURE, axis=1)
    labels = (draw.random([2000, 1]) > np.cumsum(probs, axis=1)).sum(axis=1)
    return x.reshape(-1, *known.SHAPE), np.minimum(labels, 2).astype(np.int32)


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    return known.examples(tmp_path_factory.mktemp("examples"), made=drawn)


def test_the_temperature_is_found_and_calibrates(examples):
    found = CONFIG.run(known.subject(known.energy(), examples=examples))
    before, after = (found.details[name] for name in ("as_trained", "scaled"))
    # Its standard error on 2,000 images is some 4 %.
    assert after["temperature"] == pytest.approx(TEMPERATURE, rel=0.2)
    assert before["temperature"] == 1.0
    # Far too unsure before; after, what is left is what 2,000 images leave.
    assert before["error"] > 0.15 > 3 * after["error"]
    assert after["error"] < 3 * after["floor"]
    assert after["log_loss"] < before["log_loss"]
    assert after["accuracy"] == before["accuracy"]
    assert set(found.figures) == {"reliability"}
    assert len(found.tables["calibration"]["scaled"]["confidences"]) == 5


@pytest.mark.parametrize(
    "name, value", [("num_images", 0), ("num_bins", 2001), ("level", -1.0)]
)
def test_bad_settings_are_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        dataclasses.replace(CONFIG, **{name: value})


def test_models_that_it_is_not_for(examples):
    assert StudyConfig.of_kind("calibration") is CalibrationConfig
    with pytest.raises(ValueError, match="`model` must be of classes"):
        CONFIG.require_model((2, 2, 1), None, known.QUIET)
    at = dataclasses.replace(CONFIG, level=0.5)
    with pytest.raises(ValueError, match="`level` must be null for an energy without"):
        at.run(known.subject(known.energy(), examples=examples))
