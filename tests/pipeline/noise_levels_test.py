"""Stages on a model of classes and noise levels."""

import dataclasses
import os

import numpy as np
import pytest

from ebm_tf import json_files
from ebm_tf.box import PIXELS
from ebm_tf.conditions import NoiseLevel
from ebm_tf.energy.build import load_energy
from ebm_tf.sampling.config import ProcessConfig
from ebm_tf.studies.saturation import SaturationConfig
from pipeline.settings.config import StableHloConfig
from pipeline.stages import export, requirements, study
from pipeline.stages.sample import sample
from pipeline.store import artifacts
from tests import tiny_model

LEVELS = {"low": 0.1, "high": 1.0}
PROCESS = ProcessConfig(
    capacity=4,
    num_rounds=6,
    steps_per_round=2,
    noise_factor=1.5,
    fresh_prob=0.2,
    flip_prob=0.5,
    num_flip_rounds=4,
    num_final_rounds=1,
)


@pytest.fixture(scope="module", params=[True, False], ids=["both", "levels"])
def model(request, tmp_path_factory):
    """The artifact, and whether the model has classes too."""
    folder = tmp_path_factory.mktemp("model")
    return tiny_model.make(folder, request.param, LEVELS), request.param


def draw(model, out, **changes):
    path, conditional = model
    config = tiny_model.run_config(conditional, LEVELS).sample
    config = dataclasses.replace(config, **changes)
    made = sample.run(path, str(out), config, 3)
    names = [name for name in made.manifest["files"] if name.endswith(".npy")]
    return {name.removesuffix(".npy"): np.load(made.file(name)) for name in names}


def energies_of(model, got) -> np.ndarray:
    """Returns energies of the images under the conditions that are noted."""
    energy = load_energy(os.path.join(model[0], "model.keras"))
    given = got["noise_level"]
    if model[1]:
        given = {"labels": got["labels"], "noise_level": got["noise_level"]}
    return energy(PIXELS.center(got["samples"]), given).numpy()


def test_samples_have_levels_in_turn_in_files_of_their_own(model, tmp_path):
    got = draw(model, tmp_path / "samples", num_samples=12)
    np.testing.assert_array_equal(
        got["noise_level"], NoiseLevel(**LEVELS).in_turn(0, 12)
    )
    assert got["noise_level"].dtype == np.float32
    assert ("labels" in got) == model[1]
    if model[1]:
        np.testing.assert_array_equal(got["labels"], np.arange(12) % 3)
    np.testing.assert_allclose(got["energies"], energies_of(model, got), atol=0.02)


@pytest.mark.parametrize("process", [None, PROCESS], ids=["chains", "process"])
def test_samples_from_the_buffer_have_the_levels_of_its_slots(model, process, tmp_path):
    got = draw(model, tmp_path / "samples", start="replay", process=process)
    held = np.load(os.path.join(model[0], "replay_noise_level.npy"))
    assert len(got["noise_level"]) == 7
    if process is None:
        assert set(got["noise_level"]) == set(held)
    else:  # some were drawn anew
        assert not set(got["noise_level"]) <= set(held)
    np.testing.assert_allclose(got["energies"], energies_of(model, got), atol=0.02)


def test_long_chains_are_followed(model, tmp_path):
    config = SaturationConfig(
        num_chains=4, num_steps=8, every=1, num_shown=2, num_frames=3
    )
    sampler = tiny_model.run_config(model[1]).sample.sampler
    made = study.run(model[0], None, str(tmp_path / "out"), config, sampler, seed=0)
    looks = json_files.read_json(made.file("looks.json"))
    assert len(looks["energy"]) == 9 and np.all(np.isfinite(looks["energy"]))


def test_exported_programs_take_both_by_name(model, tmp_path):
    path, conditional = model
    config = tiny_model.run_config(conditional, LEVELS).export
    config = dataclasses.replace(config, stablehlo=StableHloConfig(num=2, num_steps=2))
    made = export.run(path, str(tmp_path / "export"), config, 0)
    wanted = (["labels"] if conditional else []) + ["noise_level"]
    inputs = made.details["signatures"]["sample"]["inputs"]
    assert [name for name in inputs if name in ("labels", "noise_level")] == wanted
    [listed] = [n for n in made.manifest["files"] if n.endswith("arguments.json")]
    arguments = json_files.read_json(made.file(listed))["arguments"]
    last = [spec["name"] for spec in arguments[-len(wanted) :]]
    assert last == wanted


def test_training_that_chooses_no_levels_is_refused_before_it_begins(model):
    config = tiny_model.run_config(model[1], LEVELS)
    details = {"shape": list(tiny_model.SHAPE), "num_classes": 3}
    data = artifacts.Artifact("examples", {"details": details})
    with pytest.raises(ValueError) as caught:
        requirements.require_training(config, data.details, data.path)
    assert str(caught.value).startswith(
        '`energy.noise_levels` must be null for the objective "contrastive", '
        "which chooses none. Received: "
    )
