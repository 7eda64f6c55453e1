"""The model that comes with ebm_tf: whole, small, found by its name, and sampled."""

import json
import os

import numpy as np
import pytest

import ebm_tf
from ebm_tf import pretrained
from pipeline.commands import sample as sample_command
from pipeline.store import artifacts
from tests import tiny_model
from tools import pretrained as publisher


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder in which the user stands."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUILD_WORKING_DIRECTORY", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", pretrained.MODELS)
def test_it_is_a_whole_model_of_bounded_size_and_names_no_machine(name):
    artifact = artifacts.load(pretrained.folder(name), "model")
    assert set(artifact.manifest["files"]) == {"model.keras"}
    assert os.path.getsize(artifact.file("model.keras")) <= publisher.MAX_BYTES
    assert [made["path"] for made in artifact.manifest["inputs"].values()] == [
        "examples"
    ]


def test_a_name_is_the_model_unless_something_is_called_so(here):
    assert pretrained.found("digits") == pretrained.folder("digits")
    assert pretrained.name_of(pretrained.folder("digits")) == "digits"
    assert pretrained.found("runs/other") == "runs/other"
    assert pretrained.name_of("digits") is None
    (here / "digits").mkdir()
    assert pretrained.found("digits") == "digits"
    with pytest.raises(FileNotFoundError, match="there is no model at digits"):
        ebm_tf.load("digits")


def test_it_is_loaded_by_its_name(here):
    energy = ebm_tf.load("digits")
    assert energy.state_shape == (8, 8, 1) and energy.num_classes == 10


def test_it_is_sampled_by_its_name(ended, here):
    changes = "batch_size=10", "sampler.num_steps=2", "strip_frames=2"
    words = ["--num=10", *(f"--set=sample.{change}" for change in changes)]
    code, _, errors = ended(sample_command.main, "--model=digits", *words)
    assert code == 0, errors
    made = artifacts.load(str(here / "runs/digits/samples"), "samples")
    assert np.load(made.file("samples.npy")).shape == (10, 8, 8, 1)
    np.testing.assert_array_equal(np.load(made.file("labels.npy")), np.arange(10))


def test_what_is_published_is_whole_without_what_only_goes_on(tmp_path):
    model = tiny_model.make(tmp_path / "made", False)
    folder = str(tmp_path / "published")
    publisher.publish(model, folder, tiny_model.run_config(False))
    found = artifacts.load(folder, "model")
    assert sorted(os.listdir(folder)) == ["manifest.json", "model.keras"]
    assert found.config == artifacts.load(model, "model").config
    assert "/" not in json.dumps(found.manifest["inputs"])


def test_a_large_model_is_not_published(tmp_path, monkeypatch):
    model = tiny_model.make(tmp_path / "made", False)
    monkeypatch.setattr(publisher, "MAX_BYTES", 10)
    with pytest.raises(ValueError, match="`model` must be at most 10 bytes"):
        config = tiny_model.run_config(False)
        publisher.publish(model, str(tmp_path / "published"), config)
