"""More updates of a finished model, and a training from given weights."""

import json
import os
import shutil

import numpy as np
import pytest

from ebm_tf import files
from ebm_tf.energy.build import load_energy, save_energy
from pipeline.commands import lineage as lineage_command
from pipeline.commands import train as train_command
from pipeline.store import artifacts
from tests import small_run


def rates(value):
    names = ("learning_rate", "final_learning_rate")
    return [f"--set=train.optimizer.{name}={value}" for name in names]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run folder with a model of 4 updates."""
    run = tmp_path_factory.mktemp("more")
    small_run.make_examples(run)
    train(run, 4)
    return run


def flags(run, num, *more):
    fixed = (*small_run.TRAIN_FLAGS, *rates(0.001), f"--examples={run}/examples")
    return [*fixed, f"--set=train.num_updates={num}", *more]


def train(run, num, *more, out=None):
    train_command.main(flags(run, num, *more, f"--out={out or run}"))


def weights(path):
    return [np.array(w) for w in load_energy(f"{path}/model.keras").weights]


def digest(path):
    return json.loads((path / "manifest.json").read_text())["digest"]


def test_more_updates_equal_one_run_of_as_many(folder, ended, tmp_path):
    before = digest(folder / "model")
    code, out, _ = ended(train_command.main, *flags(folder, 8, f"--out={folder}"))
    assert code == 0
    assert f"{folder}/model stays as it is; {folder}/model_8 goes on from it" in out
    assert "going on after update 4" in out
    train(folder, 8, out=tmp_path)
    more, whole = weights(folder / "model_8"), weights(tmp_path / "model")
    for one, other in zip(more, whole, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(
        np.load(folder / "model_8/replay.npy"), np.load(tmp_path / "model/replay.npy")
    )
    assert digest(folder / "model") == before
    # Asked for again it is there; a third goes on from the one of most updates.
    assert (
        "is there already"
        in ended(train_command.main, *flags(folder, 8, f"--out={folder}"))[1]
    )
    train(folder, 12)
    manifest = artifacts.load(str(folder / "model_12"), "model").manifest
    assert os.path.basename(manifest["inputs"]["parent"]["path"]) == "model_8"
    code, out, _ = ended(
        lineage_command.main, f"--artifact={folder}/model_12", "--check"
    )
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[:5:2]] == [
        *("model", "parent", "parent")
    ]


def test_fewer_updates_or_other_settings_are_refused_as_ever(folder, ended):
    for change, text in (
        (flags(folder, 2), "num_updates was 4, asked 2"),
        (flags(folder, 9, "--seed=1"), "was 4, asked 9"),
        (flags(folder, 9, "--set=l2_weight=0.5"), "was 4, asked 9"),
        (flags(folder, 4, "--set=l2_weight=0.5"), "l2_weight was"),
    ):
        code, _, err = ended(train_command.main, *change, f"--out={folder}")
        assert code == 2 and text in err and err.count("\n") == 1
    assert not (folder / "model_9").exists()


def test_training_starts_from_the_weights_of_another_model(folder, ended, tmp_path):
    init = f"--init={folder}/model"
    code, out, _ = ended(
        train_command.main, *flags(folder, 1, *rates(1e-30), init, f"--out={tmp_path}")
    )
    assert code == 0 and f"starts from the weights of {folder}/model" in out
    made, given = (
        load_energy(f"{run}/model/model.keras") for run in (tmp_path, folder)
    )
    pairs = zip(made.trainable_weights, given.trainable_weights, strict=True)
    for one, other in pairs:  # an update of 1e-30 is none
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)
    manifest = artifacts.load(str(tmp_path / "model"), "model").manifest
    assert manifest["inputs"]["init"]["digest"] == digest(folder / "model")


def test_training_starts_from_the_weights_of_a_file(folder, ended, tmp_path):
    path = tmp_path / "mine.keras"
    shutil.copyfile(folder / "model/model.keras", path)
    init, out = f"--init={path}", f"--out={tmp_path}/run"
    asked = flags(folder, 1, *rates(1e-30), init, out)
    code, said, _ = ended(train_command.main, *asked)
    assert code == 0 and f"starts from the weights of {path}" in said
    made = load_energy(f"{tmp_path}/run/model/model.keras").trainable_weights
    given = load_energy(str(path)).trainable_weights
    for one, other in zip(made, given, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)
    manifest = artifacts.load(f"{tmp_path}/run/model", "model").manifest
    assert manifest["inputs"]["init"] == {
        "path": str(path),
        "digest": files.sha256(path),
    }
    assert "is there already" in ended(train_command.main, *asked)[1]
    check = (f"--artifact={tmp_path}/run/model", "--check")
    code, said, _ = ended(lineage_command.main, *check)
    assert code == 0 and f"init  file {path}" in said
    # Another file of that name asks for another model, and is what lineage sees.
    energy = load_energy(str(path))
    energy.trainable_weights[0].assign_add(energy.trainable_weights[0])
    save_energy(energy, str(path))
    code, _, err = ended(train_command.main, *asked)
    assert code == 2 and "inputs.init" in err and err.count("\n") == 1
    code, said, err = ended(lineage_command.main, *check)
    assert code == 1 and f"{path} was changed" in said + err


def test_a_file_of_no_such_network_is_refused(folder, ended, tmp_path):
    other = tmp_path / "other.keras"
    shutil.copyfile(folder / "model/model.keras", other)
    text = tmp_path / "text.keras"
    text.write_text("mine")
    out = f"--out={tmp_path}/run"
    for path, change, told in (
        (other, "--set=energy.filters=8", "another network: energy.filters was 4"),
        (text, "--set=energy.filters=4", "holds no energy that can be read"),
        (tmp_path / "no.keras", "--set=energy.filters=4", "does not exist"),
    ):
        asked = flags(folder, 1, change, f"--init={path}", out)
        code, _, err = ended(train_command.main, *asked)
        assert code == 2 and told in err and err.count("\n") == 1, err
    assert not (tmp_path / "run").exists()


def test_weights_of_another_network_are_refused(folder, ended, tmp_path):
    code, _, err = ended(
        train_command.main,
        *flags(folder, 1, "--set=energy.filters=8"),
        f"--init={folder}/model",
        f"--out={tmp_path}/run",
    )
    assert code == 2 and "another network: energy.filters was 4, asked 8" in err
    assert not (tmp_path / "run").exists()
