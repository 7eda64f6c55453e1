"""The network in a model's file is the one that its manifest says."""

import dataclasses
import json
import os

import pytest

from ebm_tf import checks
from ebm_tf.energy.build import build_energy, save_energy
from pipeline.stages import networks
from pipeline.store import artifacts
from tests import tiny_model


@pytest.fixture
def model(tmp_path):
    return tiny_model.make(tmp_path, conditional=False)


def with_network(model, shape=tiny_model.SHAPE, **changes):
    """Puts another network into a model; returns the artifact."""
    path = os.path.join(model, "model.keras")
    config = tiny_model.run_config(False).energy
    changed = dataclasses.replace(config, **changes)
    save_energy(build_energy(changed, shape, seed=0), path)
    return artifacts.peek(model, "model")


def test_the_network_that_the_manifest_says_is_loaded(model):
    energy = networks.load(artifacts.peek(model, "model"))
    assert energy.state_shape == tiny_model.SHAPE and energy.config.filters == 2


def test_another_width_is_one_line(model):
    with pytest.raises(checks.InvalidValueError) as caught:
        networks.load(with_network(model, filters=3, activation="relu"))
    assert str(caught.value) == (
        f"{model}/model.keras is another network than its manifest says: "
        "filters is 3, not 2, activation is 'relu', not 'swish'"
    )


def test_states_of_another_shape_are_one_line(model):
    with pytest.raises(checks.InvalidValueError) as caught:
        networks.load(with_network(model, shape=(8, 8, 3)))
    assert "is of states of shape [8, 8, 3], and its manifest says [8, 8, 1]" in str(
        caught.value
    )


def test_a_manifest_with_other_settings_is_one_line(model):
    note = os.path.join(model, "manifest.json")
    with open(note) as file:
        manifest = json.load(file)
    manifest["config"]["energy"]["filters"] = 2**31
    made = artifacts.Artifact(model, manifest)
    with pytest.raises(checks.InputError, match="energy.filters"):
        networks.load(made)
