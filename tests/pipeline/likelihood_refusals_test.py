"""What `evaluate --tasks=likelihood` refuses: one line, exit code 2, nothing left."""

import math
import os
import shutil

import pytest

from ebm_tf import settings
from pipeline.commands import evaluate as evaluate_command
from pipeline.store import artifacts
from tests import small_run, tiny_model

SMALL = (
    "--set=evaluate.likelihood.base.num_images=60",
    "--set=evaluate.likelihood.num_images=8",
    "--set=evaluate.likelihood.scan.num_images=8",
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return small_run.make(tmp_path_factory.mktemp("run"))


def changed_model(run, folder, change=lambda energy: None, network=None):
    """Returns a run like `run`, whose model is another."""
    from ebm_tf.energy.build import build_energy, save_energy

    config = tiny_model.run_config(False)
    data = settings.to_dict(config)
    data["energy"] = network or data["energy"]
    config = settings.from_dict(type(config), data)
    inputs = {"examples": artifacts.peek(run["examples"], "examples")}
    path = str(folder / "model")
    with artifacts.writing(path, "model", config, inputs, seed=0) as scratch:
        energy = build_energy(config.energy, small_run.SHAPE, seed=1)
        change(energy)
        save_energy(energy, os.path.join(scratch.folder, "model.keras"))
        scratch.details.update(artifacts.peek(run["model"], "model").details)
        scratch.details.update(num_classes=None)
    images, _ = small_run.pictures(4, seed=9)
    return run | {
        "model": path,
        "samples": small_run.make_samples(folder, path, images),
    }


def refusal(ended, run, folder, *args):
    """Returns the one line that the command ends with."""
    out = folder / "out"
    inputs = [f"--{kind}={path}" for kind, path in run.items()]
    code, _, err = ended(
        evaluate_command.main,
        "--tasks=likelihood",
        *inputs,
        *SMALL,
        *args,
        f"--out={out}",
    )
    lines = [line for line in err.splitlines() if line.startswith("evaluate:")]
    assert code == 2 and lines == err.splitlines()[-1:]
    assert "Traceback" not in err and not out.exists()
    return lines[0]


@pytest.mark.parametrize(
    "setting, message",
    [
        ("num_chains=1", "num_chains` must be at least 2"),
        ("scan.num_chains=1", "num_chains` must be at least 2"),
        ("num_temperatures=[200, 100]", "num_temperatures` must be non-empty and incr"),
        ("scan.span=1.0", "span` must be above 1"),
        ("scan.span=null", 'span` must be a factor, where by is "raise"'),
        ("num_replicates=0", "num_replicates` must be at least 1"),
        ("num_tried=0", "num_tried` must be at least 1"),
        ("base.min_std=0.0", "min_std` must be positive"),
    ],
)
def test_a_setting_is_named(run, ended, tmp_path, setting, message):
    line = refusal(ended, run, tmp_path, f"--set=evaluate.likelihood.{setting}")
    assert message in line


def test_an_energy_that_is_not_finite_somewhere_on_the_box(run, ended, tmp_path):
    def spoil(energy):
        for weight in energy.trainable_variables[:1]:
            weight.assign(weight * math.inf)

    spoiled = changed_model(run, tmp_path, spoil)
    line = refusal(ended, spoiled, tmp_path)
    assert "`energy` must be finite on the whole box. Received:" in line


def test_labels_of_numbers_have_no_single_z(run, ended, tmp_path):
    network = tiny_model.run_config(True).energy
    network = settings.to_dict(network) | {"num_classes": None, "label_dims": 2}
    numbered = changed_model(run, tmp_path, network=network)
    line = refusal(ended, numbered, tmp_path)
    assert "`model` must be without labels, or of classes" in line


def test_a_lone_test_image(run, ended, tmp_path):
    made = artifacts.peek(run["examples"], "examples")
    path = str(tmp_path / "examples")
    with artifacts.writing(path, "examples", made.config, {}, seed=0) as scratch:
        for name in small_run.NUM_EXAMPLES:
            shutil.copytree(made.file(name), os.path.join(scratch.folder, name))
        num_examples = made.details["num_examples"] | {"test": 1}
        scratch.details.update(made.details | {"num_examples": num_examples})
    lone = changed_model(run | {"examples": path}, tmp_path)
    line = refusal(ended, lone, tmp_path)
    assert "`examples` must be with 2 images or more in the split test." in line
