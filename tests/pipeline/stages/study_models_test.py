"""A study of several models: the attributes of CelebA, on miniature files."""

import dataclasses
import os

import pytest

from ebm_tf import json_files, settings
from pipeline.commands import study as study_command
from pipeline.settings import overrides, presets
from pipeline.settings.config import RunConfig
from pipeline.stages import ingest
from pipeline.store import artifacts
from tests import miniature

NAMES = ("Male", "Young")


def _config(name: str) -> RunConfig:
    _, data = presets.read_preset("celeba_attribute")
    changes = [
        *("images.size=12", "validation_count=4", f'label_names=["{name}"]'),
        *("stem_filters=2", "stage_filters=[4]", "stage_blocks=[1]"),
        *("num_samples=4", "sample.batch_size=4", "sampler.num_steps=2"),
        "strip_frames=2",
    ]
    return settings.from_dict(RunConfig, overrides.apply_overrides(data, changes))


def _make_model(folder, name: str, shape=(12, 12, 3), told=True) -> str:
    """Writes a random network that depends on one attribute; returns its path."""
    from ebm_tf.box import PIXELS
    from ebm_tf.energy.build import build_energy, save_energy

    config, path = _config(name), os.path.join(folder, "model")
    with artifacts.writing(path, "model", config, {}, seed=0) as scratch:
        energy = build_energy(config.energy, shape, 0, PIXELS)
        save_energy(energy, os.path.join(scratch.folder, "model.keras"))
        scratch.details.update(
            shape=list(shape), space=PIXELS.to_dict(), num_classes=None, class_names=[]
        )
        if told:  # models of before do not say it
            scratch.details.update(label_names=[name])
    return path


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Returns run folders: two models, one of other states, one that says no name."""
    made = {n: tmp_path_factory.mktemp(n) for n in (*NAMES, "narrow", "old")}
    _make_model(made["Male"], "Male")
    _make_model(made["Young"], "Young")
    _make_model(made["narrow"], "Young", shape=(8, 8, 3))
    _make_model(made["old"], "Young", told=False)
    data_dir = miniature.write_tfds(tmp_path_factory.mktemp("tfds"), "celeb_a")
    both = dataclasses.replace(_config("Male").ingest, label_names=NAMES)
    ingest.run(data_dir, str(made["Male"] / "examples"), both, 0)
    return made


def _words(folders, others, **changes):
    few = {"num_samples": 4, "num_known": 10, "num_shown": 2} | changes
    reader = '{"kind": "learned", "num_epochs": 1, "batch_size": 8}'
    models = ", ".join(f'"{folders[other]}/model"' for other in others)
    return [
        "--study=composition",
        f"--out={folders['Male']}",
        "--set=sample.sampler.num_steps=2",
        "--set=strip_frames=2",
        f"--set=composition.models=[{models}]",
        f"--set=composition.reader={reader}",
        *(f"--set=composition.{name}={value}" for name, value in few.items()),
    ]


def test_two_attributes_of_celeba(folders, capsys):
    study_command.main(_words(folders, ["Young"]))
    assert "wrote" in capsys.readouterr().out
    made = artifacts.load(str(folders["Male"] / "composition"), "composition")
    assert set(made.manifest["inputs"]) == {"model", "model_1", "examples"}
    table = json_files.read_json(made.file("attributes.json"))
    row = table["Male_and_Young"]
    assert set(row["has"]) == set(row["alone"]) == set(NAMES)
    assert row["valid"] == 1.0
    reader = json_files.read_json(made.file("reader.json"))
    assert 0.0 <= reader["agrees"]["Male_Young"] <= 1.0
    assert {"shares.png", "samples_Male_and_Young.png"} <= set(os.listdir(made.path))
    study_command.main(_words(folders, ["Young"]))
    assert "is there already" in capsys.readouterr().out


@pytest.mark.parametrize(
    "others, changes, message",
    [
        (["narrow"], {}, "must be of states of the model's shape, [12, 12, 3]"),
        (["old"], {}, "models that say the names of their labels' numbers"),
        (["Male"], {}, "`models` must be models of different attributes"),
        (
            ["Young"],
            {"joins": '[{"terms": [{"attribute": "Smiling"}]}]'},
            "must be one that a model knows, of Male, Young. Received",
        ),
        (
            ["Young"],
            {"reader": '{"kind": "sprites"}'},
            "`reader.kind` must be one that reads Male. Received: kind='sprites'",
        ),
    ],
)
def test_what_cannot_be_composed_is_one_line(folders, ended, others, changes, message):
    words = _words(folders, others, **changes)
    code, _, err = ended(study_command.main, *words, "--replace")
    assert (code, err.count("\n")) == (2, 1)
    assert message in err


def test_a_model_that_is_not_there(folders, ended):
    words = _words(folders | {"none": "nowhere"}, ["none"])
    code, _, err = ended(study_command.main, *words, "--replace")
    assert code == 2 and "there is no `model` at nowhere/model" in err
