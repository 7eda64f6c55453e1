"""The stage `evaluate` on a small run, for real."""

import json
import math
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing import event_accumulator

from pipeline.commands import evaluate as evaluate_command
from pipeline.commands import export as export_command
from pipeline.stages.evaluate import evaluate
from pipeline.store import artifacts
from tests import small_run

ROOT = pathlib.Path(__file__).parents[4]


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "conditional"])
def run(request, tmp_path_factory):
    """A small run with its evaluation: paths by kind, `metrics` among them."""
    folder = tmp_path_factory.mktemp("run")
    paths = small_run.make(folder, request.param)
    out = str(folder / "evaluation")
    evaluate.run(
        **paths, out=out, config=small_run.evaluate_config(), seed=0, strategy="one"
    )
    metrics = json.loads((folder / "evaluation" / "metrics.json").read_text())
    return paths | {"evaluation": out, "folder": folder, "metrics": metrics}


def test_every_task_leaves_its_numbers_figures_and_arrays(run):
    made = artifacts.load(run["evaluation"], "evaluation")
    assert set(made.manifest["files"]) == {
        "metrics.json",
        "report.html",
        *("energies.png", "energies.npz", "neighbours.npz", "classifier.npz"),
        *("neighbours.png", "distances.png", "classes.png"),
    }
    assert set(run["metrics"]) == {
        *("images", "energies", "neighbours", "classifier", "gates")
    }
    assert made.details["tasks"] == ["energies", "neighbours", "classifier"]


def test_energies_are_those_of_the_files_beside(run):
    arrays = np.load(os.path.join(run["evaluation"], "energies.npz"))
    found = run["metrics"]["energies"]["sets"]
    sizes = {name: values.size for name, values in arrays.items()}
    expected = {"train": 24, "validation": 12, "test": 24, "samples": 18, "noise": 24}
    assert sizes == expected == {name: value["num"] for name, value in found.items()}
    zero = arrays["train"].astype(float).mean()
    for name, values in arrays.items():
        mean = values.astype(float).mean()
        assert found[name]["mean"] == pytest.approx(mean)
        assert found[name]["relative_mean"] == pytest.approx(mean - zero, abs=1e-9)


def test_the_classifier_knows_the_classes(run):
    found = run["metrics"]["classifier"]
    assert found["test_accuracy"] > 0.9 and found["num_test"] == 30
    assert found["sets"]["test"]["agreement"] == found["test_accuracy"]
    assert found["sets"]["samples"]["num"] == 18
    # Held-out pictures, six of each class.
    shares = found["sets"]["samples"]["class_shares"]
    np.testing.assert_allclose(shares, 1 / 3, atol=0.12)
    conditional = (
        "labels.npy" in artifacts.peek(run["samples"], "samples").manifest["files"]
    )
    agreement = found["sets"]["samples"]["agreement"]
    assert agreement > 0.8 if conditional else agreement is None


def test_tensorboard_has_the_numbers_and_figures_at_the_models_update(run):
    logs = event_accumulator.EventAccumulator(
        str(run["folder"] / "logs" / "evaluate"), size_guidance={"tensors": 0}
    )
    logs.Reload()
    events = {tag: logs.Tensors(tag)[0] for tag in logs.Tags()["tensors"]}
    assert {event.step for event in events.values()} == {5}
    value = tf.make_ndarray(events["evaluate/auroc/test_noise"].tensor_proto)
    assert value == pytest.approx(run["metrics"]["energies"]["auroc"][2]["area"])
    for name in ("energies", "neighbours", "distances", "classes"):
        assert f"evaluate/{name}" in events


def test_asked_again_it_returns_at_once_without_tensorflow(run):
    before = {
        path: path.stat().st_mtime_ns
        for path in pathlib.Path(run["evaluation"]).iterdir()
    }
    script = (
        "import sys, json\n"
        "from pipeline.stages.evaluate import evaluate\n"
        "from tests import small_run\n"
        "paths = json.loads(sys.argv[1])\n"
        "config = small_run.evaluate_config()\n"
        "evaluate.run(**paths, config=config, seed=0, strategy='one')\n"
        "heavy = {'tensorflow', 'keras', 'matplotlib', 'sklearn'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    paths = {kind: run[kind] for kind in ("model", "samples", "examples")}
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(paths | {"out": run["evaluation"]})],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("is there already") == 1
    for path, time in before.items():
        assert path.stat().st_mtime_ns == time


def test_other_settings_in_the_same_place_are_refused(run):
    paths = {kind: run[kind] for kind in ("model", "samples", "examples")}
    with pytest.raises(ValueError, match="tasks was .*asked"):
        evaluate.run(
            **paths,
            out=run["evaluation"],
            config=small_run.evaluate_config("energies"),
            seed=0,
            strategy="one",
        )


def test_a_task_that_is_not_asked_for_leaves_nothing(tmp_path):
    paths = small_run.make(tmp_path)
    out = str(tmp_path / "evaluation")
    config = small_run.evaluate_config("neighbours")
    made = evaluate.run(**paths, out=out, config=config, seed=0, strategy="one")
    assert set(made.manifest["files"]) == {
        *("metrics.json", "report.html"),
        *("neighbours.png", "distances.png", "neighbours.npz"),
    }
    assert not (tmp_path / "classifier").exists()


def test_examples_without_classes_have_no_classifier(tmp_path):
    examples = small_run.make_examples(tmp_path, classes=False)
    model = small_run.make_model(tmp_path, examples, conditional=False)
    samples = small_run.make_samples(tmp_path, model, small_run.pictures(6, 5)[0])
    out = str(tmp_path / "evaluation")
    config = small_run.evaluate_config()
    made = evaluate.run(model, samples, examples, out, config, seed=0, strategy="one")
    assert made.details["tasks"] == ["energies", "neighbours"]
    assert not (tmp_path / "classifier").exists()


def test_a_model_that_fails_is_told_in_the_report_and_not_exported(tmp_path, ended):
    from ebm_tf.energy.build import load_energy, save_energy

    examples = small_run.make_examples(tmp_path)
    model = small_run.make_model(tmp_path, examples, conditional=False)
    trained = artifacts.peek(model, "model")
    energy = load_energy(trained.file("model.keras"))
    for weight in energy.trainable_variables:
        weight.assign(weight * math.nan)
    folder = tmp_path / "broken"
    broken = str(folder / "model")
    inputs = {"examples": artifacts.peek(examples, "examples")}
    with artifacts.writing(broken, "model", trained.config, inputs, 0) as scratch:
        save_energy(energy, os.path.join(scratch.folder, "model.keras"))
        scratch.details.update(trained.details)
    images, _ = small_run.pictures(6, 5)
    samples = small_run.make_samples(folder, broken, images)
    config = small_run.evaluate_config("energies")
    made = evaluate.run(
        broken, samples, examples, str(folder / "evaluation"), config, 0, "one"
    )
    # 24 images of train, test and noise, the 12 of validation and the 6 samples.
    assert made.details["gates"] == [
        {
            "name": "finite_energies",
            "rule": "images whose energy is not finite, at most",
            "limit": 0.0,
            "value": 90.0,
            "passed": False,
        }
    ]
    text = (folder / "evaluation" / "report.html").read_text(encoding="utf-8")
    assert "No. The model is exported only by <code>export --force</code>." in text
    assert "validation 12" in text
    code, out, err = ended(export_command.main, f"--out={folder}")
    assert (code, out) == (1, "") and err.count("\n") == 1
    assert "export: the model failed 1 of its gates: images whose energy is" in err
    assert not (folder / "export").exists()
    assert ended(export_command.main, f"--out={folder}", "--force")[0] == 0
    noted = artifacts.peek(str(folder / "export"), "export").manifest["notes"]
    assert noted["evaluation"]["forced"] is True
    assert noted["evaluation"]["digest"] == made.digest


def test_samples_of_another_model_are_refused(tmp_path):
    paths = small_run.make(tmp_path / "one")
    other = small_run.make_model(tmp_path / "two", paths["examples"], True)
    with pytest.raises(ValueError, match="samples was made from .*one/model, not from"):
        evaluate.run(
            **paths | {"model": other},
            out=str(tmp_path / "evaluation"),
            config=small_run.evaluate_config(),
            seed=0,
            strategy="one",
        )


def test_the_command_says_what_is_missing_in_one_line(tmp_path, ended):
    examples = small_run.make_examples(tmp_path)
    small_run.make_model(tmp_path, examples, conditional=False)
    code, out, err = ended(evaluate_command.main, f"--out={tmp_path}")
    assert code == 2 and out == ""
    assert err == f"evaluate: there is no `samples` at {tmp_path}/samples\n"
