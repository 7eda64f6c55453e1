"""What commit 2c55c44 stored is sampled, evaluated, exported, and gone on with."""

import json
import os
import shutil

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import settings
from ebm_tf.box import of_old_format
from ebm_tf.energy.build import bind_condition, load_energy
from pipeline.commands import evaluate as evaluate_command
from pipeline.commands import export as export_command
from pipeline.commands import sample as sample_command
from pipeline.commands import train as train_command
from pipeline.settings.config import SampleConfig
from pipeline.stages.sample import sample
from pipeline.store import artifacts, lineage
from tests.fixtures import format_1

MODELS = [name for name in format_1.RUNS if name not in ("mlp", "unfinished")]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("format_1")
    format_1.unpack(folder)
    return folder


def expected(run):
    with np.load(run / "expected.npz") as file:
        arrays = dict(file)
    path = run / "expected.json"
    return arrays, json.loads(path.read_text()) if path.exists() else None


@pytest.mark.parametrize("name", [*MODELS, "mlp"])
def test_energies_are_what_they_were(runs, name):
    folder = runs / name if name == "mlp" else runs / name / "model"
    energy = load_energy(str(folder / "model.keras"))
    arrays, _ = expected(runs / name)
    labels = tf.constant(arrays["labels"]) if "labels" in arrays else None
    found = bind_condition(energy, labels)(tf.constant(arrays["states"]))
    np.testing.assert_allclose(found, arrays["energies"], rtol=1e-5, atol=1e-7)
    assert np.ptp(arrays["energies"]) > 1e-6


@pytest.mark.parametrize("name", MODELS)
def test_samples_are_what_they_were(runs, name, tmp_path):
    run = runs / name
    arrays, request = expected(run)
    config = settings.from_dict(SampleConfig, request["sampling"])
    path = str(tmp_path / "samples")
    made = sample.run(str(run / "model"), path, config, request["seed"])
    box = of_old_format(arrays["sample_states"].shape[1:])
    levels = np.asarray(box.encode(tf.constant(arrays["sample_states"])), np.float64)
    found = np.load(made.file("samples.npy")).astype(np.float64)
    # What lies at the edge of a level may fall to its other side.
    tolerance = 1.0 if found.dtype == np.uint8 or len(levels.shape) == 4 else 1e-6
    assert np.abs(found - levels).max() <= tolerance
    assert np.mean(found != levels) < 0.01 or tolerance < 1.0
    np.testing.assert_allclose(
        np.load(made.file("energies.npy")),
        arrays["sample_energies"],
        rtol=1e-5,
        atol=1e-6,
    )
    assert made.manifest["format"] == 2
    # The published files are not part of the fixture.
    problems = lineage.check(lineage.trace(path))
    assert all("is not there: raw/" in problem for problem in problems)


@pytest.mark.parametrize("name", ["convnet", "denoising", "recovery", "hmc"])
def test_what_is_there_is_not_made_again(runs, name, ended):
    run = runs / name
    mains = {"model": train_command.main, "samples": sample_command.main}
    if name == "convnet":
        mains["evaluation"] = evaluate_command.main
        mains["export"] = export_command.main
    for kind, main in mains.items():
        code, out, err = ended(main, f"--out={run}")
        assert (code, err) == (0, "")
        assert f"{run}/{kind} is there already" in out
    shown = ("train.log_every=2", "train.image_every=4", "train.preview_steps=3")
    words = [f"--set={setting}" for setting in shown]
    code, out, err = ended(train_command.main, f"--out={run}", *words)
    assert code == 0 and f"{run}/model is there already" in out
    other = "--set=train.optimizer.beta_2=0.5"
    code, _, err = ended(train_command.main, f"--out={run}", other)
    assert code == 2 and "train.optimizer.beta_2 was" in err


def test_checkpoint_of_an_old_model_is_a_member(runs, tmp_path):
    run = runs / "average"
    _, request = expected(run)
    member = str(run / "model" / "checkpoints" / request["checkpoint"])
    config = settings.from_dict(SampleConfig, request["sampling"])
    path = str(tmp_path / "samples")
    made = sample.run(str(run / "model"), path, config, 0, [member])
    inputs = made.manifest["inputs"]
    # The digest of format 1 is of all files, those of checkpoints too.
    assert inputs[f"member.1.{request['checkpoint']}"]["digest"] == (
        artifacts.peek(str(run / "model"), "model").digest
    )


def test_old_model_is_evaluated_and_exported_anew(runs, tmp_path, ended):
    run = runs / "convnet"
    out = tmp_path / "run"
    paths = [f"--{kind}={run / kind}" for kind in ("examples", "model", "samples")]
    code, printed, err = ended(
        evaluate_command.main, *paths, f"--out={out}", "--tasks=energies"
    )
    assert code == 0, err
    assert "evaluate: wrote" in printed
    code, printed, err = ended(
        export_command.main, f"--model={run / 'model'}", f"--out={out}"
    )
    assert code == 0, err
    states = expected(run)[0]["states"]
    served = tf.saved_model.load(str(out / "export" / "1"))
    signature = served.signatures["energy"]
    [name] = signature.structured_input_signature[1]
    found = signature(**{name: tf.constant(states)})
    energies = next(iter(found.values())).numpy()
    np.testing.assert_allclose(
        energies, expected(run)[0]["energies"], rtol=1e-5, atol=1e-6
    )


def test_old_training_goes_on_to_what_it_would_have_come_to(runs, tmp_path, ended):
    run = tmp_path / "run"
    shutil.copytree(runs / "unfinished", run)
    code, out, err = ended(train_command.main, f"--out={run}")
    assert code == 0, err
    assert "train: going on after update 2" in out
    model = artifacts.load(str(run / "model"), "model")
    assert model.manifest["format"] == 2
    optimizer = model.config["train"]["optimizer"]
    assert optimizer["ema_start"] == "first_weights"
    energy = load_energy(model.file("model.keras"))
    found = {variable.path: variable.numpy() for variable in energy.variables}
    with np.load(run / "weights.npz") as weights:
        assert set(found) == set(weights.files)
        for path in weights.files:
            np.testing.assert_allclose(found[path], weights[path], atol=1e-6)
    replay = np.load(model.file("replay.npy")).astype(int)
    assert np.abs(replay - np.load(run / "replay.npy").astype(int)).max() <= 1
    assert not os.path.exists(run / "model.partial")
