"""A user's network, objective, sampler, data set and study: a file each."""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from pipeline.commands import ingest as ingest_command
from pipeline.commands import sample as sample_command
from pipeline.commands import study as study_command
from pipeline.commands import summary as summary_command
from pipeline.commands import train as train_command
from pipeline.store import artifacts
from tests import forget

MODULES = (
    "tests.plugins.bowl",
    "tests.plugins.descent",
    "tests.plugins.own_study",
    "tests.plugins.ridge",
    "tests.plugins.stripes",
)
IMPORTS = [f"--import={name}" for name in MODULES]
SETTINGS = {
    "extends": "digits",
    "ingest": {"dataset": "stripes", "validation_count": 8},
    "energy": {"kind": "bowl", "stiffness": 0.2},
    "train": {
        "objective": {"kind": "ridge", "noise_std": 0.3},
        "num_updates": 4,
        "batch_size": 8,
        "log_every": 2,
        "checkpoint_every": 2,
        "image_every": 4,
    },
    "sample": {
        "sampler": {"kind": "descent", "num_steps": 60, "step_size": 0.5},
        "num_samples": 4,
        "batch_size": 4,
        "strip_frames": 3,
    },
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The run folder, and the flags of its settings."""
    folder = tmp_path_factory.mktemp("plugins")
    (folder / "mine.json").write_text(json.dumps(SETTINGS))
    out = f"--out={folder}/run"
    given = [*IMPORTS, f"--preset={folder}/mine.json", out]
    with forget.registered():
        ingest_command.main(given)
        train_command.main(given)
        sample_command.main([*IMPORTS, out])
        yield folder, given


def test_a_study_works_through_its_command(made, ended):
    folder, _ = made
    words = [*IMPORTS, "--study=own", "--set=studies.own.num=8"]
    code, _, err = ended(study_command.main, *words, f"--out={folder}/run")
    assert code == 0, err
    found = json.loads((folder / "run/own/gap.json").read_text())
    assert found["num"] == 8
    study = artifacts.load(str(folder / "run/own"), "own").manifest
    assert study["choices"]["own"] == "tests.plugins.own_study"
    assert study["config"]["own"]["num"] == 8
    _, out, _ = ended(study_command.main, *words, f"--out={folder}/run")
    assert "is there already" in out and "other code" not in out


def test_all_four_work_through_the_commands(made):
    folder, _ = made
    samples = np.load(folder / "run/samples/samples.npy").astype(np.float32)
    # The bowl has one lowest point, and without noise every chain ends there.
    assert np.ptp(samples, axis=0).max() <= 1
    assert samples.shape == (4, 8, 8, 1)


def test_manifests_know_the_modules(made):
    folder, _ = made
    model = artifacts.load(str(folder / "run/model"), "model").manifest
    assert model["choices"]["energy"] == "tests.plugins.bowl"
    assert model["choices"]["train.objective"] == "tests.plugins.ridge"
    assert set(model["imports"]) == {*MODULES} - {"tests.plugins.own_study"}
    samples = artifacts.load(str(folder / "run/samples"), "samples").manifest
    assert samples["choices"] == {"sampler": "tests.plugins.descent"}
    examples = artifacts.load(str(folder / "run/examples"), "examples").manifest
    assert examples["choices"] == {"dataset": "tests.plugins.stripes"}


def test_what_is_there_is_found_again(made, ended):
    _, given = made
    for main, kind in ((train_command.main, "model"), (sample_command.main, "samples")):
        code, out, err = ended(main, *given)
        assert (code, err) == (0, "")
        assert f"{kind} is there already" in out and "other code" not in out


def test_an_edited_module_is_other_code(made, ended, tmp_path):
    folder, _ = made
    spec = importlib.util.find_spec("tests.plugins.descent")
    source = pathlib.Path(spec.origin).read_text()
    text = source.replace('"descent"', '"slide"').replace("Descent", "Slide")
    sampled = ["--set=sample.sampler.kind=slide", f"--model={folder}/run/model"]
    sampled += [*IMPORTS, f"--out={tmp_path}"]
    (tmp_path / "slide.py").write_text(text)
    mine = f"--import={tmp_path}/slide.py"
    code, _, err = ended(sample_command.main, mine, *sampled)
    assert code == 0, err
    edited = artifacts.peek(str(tmp_path / "samples"), "samples").manifest
    assert list(edited["imports"]) == ["slide"]
    (tmp_path / "slide.py").write_text(text + "\nX = 1\n")
    _, out, _ = ended(sample_command.main, mine, *sampled)
    assert "was made by other code" in out


def test_summary_of_a_users_network(made, ended):
    _, given = made
    code, out, err = ended(summary_command.main, *given)
    assert code == 0, err
    assert "center" in out or "64" in out


@pytest.mark.parametrize(
    "words, text",
    [
        (["--import=no.such"], "`--import` must name a module that can be imported"),
        (["--import=no/such.py"], "import='no/such.py' (ModuleNotFoundError: there is"),
    ],
)
def test_what_is_not_imported_is_one_line(made, ended, words, text, tmp_path):
    _, given = made
    rest = [word for word in given if not word.startswith(("--import", "--out"))]
    code, _, err = ended(train_command.main, *rest, *words, f"--out={tmp_path}/x")
    assert code == 2 and text in err and err.count("\n") == 1
    assert not (tmp_path / "x").exists()


def test_a_model_of_a_user_network_names_the_module(made):
    folder, _ = made
    code = "from pipeline.commands import sample; sample.main()"
    ran = subprocess.run(
        [sys.executable, "-c", code, f"--out={folder}/run"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "must be a registered sampler, one of annealed, " in ran.stderr
    assert "was made with --import=tests.plugins.bowl" in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_an_edited_factory_is_other_code(made, ended, tmp_path):
    folder, _ = made
    net = tmp_path / "factory_of_plugins_test.py"
    text = (
        "import keras\n\n\ndef make(state_shape, width):\n"
        "    dense = [keras.layers.Dense(width, 'swish'), keras.layers.Dense(1)]\n"
        "    flat = [keras.Input(state_shape), keras.layers.Flatten()]\n"
        "    return keras.Sequential([*flat, *dense])\n"
    )
    net.write_text(text)
    energy = {
        "kind": "custom",
        "factory": f"{net.stem}:make",
        "arguments": {"width": 3},
    }
    words = [*IMPORTS, f"--import={net}", f"--preset={folder}/mine.json"]
    words += [f"--set=energy={json.dumps(energy)}", f"--examples={folder}/run/examples"]
    words += [f"--out={tmp_path}/run"]
    assert ended(train_command.main, *words)[0] == 0
    model = artifacts.peek(str(tmp_path / "run/model"), "model").manifest
    assert model["choices"]["energy.factory"] == net.stem
    assert net.stem in model["imports"]
    net.write_text(text + "\n\nX = 1\n")
    _, out, _ = ended(train_command.main, *words)
    assert "was made by other code" in out
    words = [*IMPORTS, f"--import={net}", f"--out={tmp_path}/run"]
    _, out, _ = ended(sample_command.main, *words)
    assert "was made with another factory_of_plugins_test" in out
