"""The stage `train` and its command, on miniature data."""

import dataclasses
import os
import pathlib
import signal
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import settings
from ebm_tf.energy.build import load_energy
from ebm_tf.training.config import RecoveryConfig, TrainConfig
from ebm_tf.training.trainer import Trainer
from pipeline.commands import ingest as ingest_command
from pipeline.commands import train as train_command
from pipeline.settings import presets
from pipeline.store import artifacts
from tests import miniature

SMALL = (
    "--dataset=mnist",
    "--set=validation_count=12",
    "--set=filters=4",
    "--set=train.batch_size=8",
    "--set=train.objective.langevin.num_steps=3",
    "--set=train.objective.replay.capacity=32",
    "--set=train.preview_steps=2",
    "--set=train.log_every=2",
    "--set=train.image_every=20",
    "--set=train.checkpoint_every=4",
)
SHORT = "--set=train.num_updates=8"
LONG = "--set=train.num_updates=12"
MAIN = "from pipeline.commands import train; train.main()"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return miniature.write_mnist(tmp_path_factory.mktemp("mnist"), 64, 32)


@pytest.fixture(scope="module")
def run(published, tmp_path_factory):
    """A run folder with a trained model; made by the command."""
    folder = tmp_path_factory.mktemp("run")
    train_command.main([*SMALL, SHORT, f"--data_dir={published}", f"--out={folder}"])
    return folder


def start(*args, script=MAIN):
    """Starts the command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )


def weights(folder):
    model = load_energy(os.path.join(folder, "model", "model.keras"))
    return {v.path: v.numpy() for v in model.variables}


def saved_arrays(model):
    """Returns the arrays of the last checkpoint, optimizer and buffer included."""
    reader = tf.train.load_checkpoint(str(model / "checkpoints" / "ckpt-8"))
    names = reader.get_variable_to_shape_map()
    arrays = {name: reader.get_tensor(name) for name in names}
    return arrays | {"replay": np.load(model / "replay.npy")}


def test_model_is_whole_and_loads(run):
    made = artifacts.load(str(run / "model"), "model")
    assert made.details["updates"] == 8
    assert made.details["shape"] == [28, 28, 1]
    assert made.details["num_classes"] is None
    assert made.details["class_names"] == [str(digit) for digit in range(10)]
    assert made.config["train"]["num_updates"] == 8
    assert made.config["sample"]["num_samples"] > 0  # the settings of the whole run
    examples = artifacts.load(str(run / "examples"), "examples")
    assert made.manifest["inputs"]["examples"]["digest"] == examples.digest
    assert sorted(os.listdir(run)) == ["examples", "logs", "model"]
    energy = load_energy(made.file("model.keras"))
    values = energy(tf.random.stateless_uniform([3, 28, 28, 1], [1, 2])).numpy()
    assert values.shape == (3,) and np.all(np.isfinite(values))
    assert made.details["parameters"] == sum(v.numpy().size for v in energy.variables)


def test_logs_are_beside_the_model(run):
    files = list((run / "logs" / "train").glob("events.out.tfevents.*"))
    tags = {
        value.tag
        for path in files
        for event in tf.compat.v1.train.summary_iterator(str(path))
        for value in event.summary.value
    }
    assert {"energy/gap", "chain/movement", "speed/images_per_s"} <= tags


def test_what_is_there_is_not_made_again_and_tensorflow_stays_out(run):
    script = (
        "import sys\n"
        "from pipeline.commands import train as train_command\n"
        "train_command.main(sys.argv[1:])\n"
        "assert not {'tensorflow', 'keras', 'numpy'} & set(sys.modules)\n"
    )
    before = os.stat(run / "model" / "manifest.json").st_mtime_ns
    found = subprocess.run(
        [sys.executable, "-c", script, *SMALL, SHORT, f"--out={run}"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.splitlines() == [
        f"ingest: {run}/examples is there already, made by this request",
        f"train: {run}/model is there already, made by this request",
    ]
    assert os.stat(run / "model" / "manifest.json").st_mtime_ns == before


def test_settings_are_the_runs_own_without_a_preset(run, ended):
    code, out, err = ended(train_command.main, f"--out={run}")
    assert (code, err) == (0, "")
    assert f"train: {run}/model is there already" in out


@pytest.mark.parametrize(
    "setting",
    [
        "train.log_every=10",
        "train.image_every=2",
        "train.preview_steps=7",
        "train.checkpoint_every=3",
        "train.keep_checkpoints=5",
    ],
)
def test_what_is_shown_and_kept_makes_nothing_anew(run, ended, setting):
    code, out, err = ended(train_command.main, f"--out={run}", f"--set={setting}")
    assert (code, err) == (0, "")
    assert f"train: {run}/model is there already" in out


def test_checkpoints_count_where_recovery_goes_back_to_them():
    _, data = presets.read_preset("mnist")
    config = settings.from_dict(TrainConfig, data["train"])
    kept = {"checkpoint_every", "keep_checkpoints"}
    shown = {"log_every", "image_every", "preview_steps"}
    assert set(settings.display_fields(config)) == kept | shown
    recovery = RecoveryConfig(
        max_retries=1,
        window=2,
        steps_factor=1.0,
        learning_rate_factor=1.0,
        step_size_factor=1.0,
    )
    config = dataclasses.replace(config, recovery=recovery)
    assert set(settings.display_fields(config)) == shown


def test_examples_of_another_run_serve_too(run, tmp_path, ended):
    examples = run / "examples"
    args = (*SMALL, SHORT, f"--examples={examples}", f"--out={tmp_path}/run")
    code, out, _ = ended(train_command.main, *args)
    assert (code, out) == (0, f"train: wrote {tmp_path}/run/model\n")
    assert sorted(os.listdir(tmp_path / "run")) == ["logs", "model"]
    first, second = weights(run), weights(tmp_path / "run")
    assert all(np.array_equal(first[path], second[path]) for path in first)
    one, two = (saved_arrays(folder / "model") for folder in (run, tmp_path / "run"))
    assert one.keys() == two.keys()
    assert all(np.array_equal(one[name], two[name]) for name in one)
    # What was ingested is recorded, not what the preset would have ingested.
    made = artifacts.load(str(tmp_path / "run" / "model"), "model")
    assert made.config["ingest"]["validation_count"] == 12


KILLED = """
import os, signal
from ebm_tf.training.checkpoint import Checkpoints

save = Checkpoints.save

def save_and_end(self, progress, stop=False):
    save(self, progress, stop)
    if progress.update == 8:
        os.kill(os.getpid(), signal.SIGKILL)

Checkpoints.save = save_and_end
"""


def test_killed_and_stopped_run_ends_as_an_undisturbed_one(
    run, published, tmp_path, ended, monkeypatch
):
    # Points of the curves lie across the stops.
    settings = (*SMALL, LONG, "--set=train.log_every=5")
    args = (*settings, f"--examples={run / 'examples'}")
    code, _, _ = ended(train_command.main, *args, f"--out={tmp_path}/whole")
    assert code == 0

    out, folder = f"--out={tmp_path}/broken", tmp_path / "broken"
    with monkeypatch.context() as patch:
        _signal_after(patch, 7, signal.SIGTERM)
        code, printed, err = ended(train_command.main, *args, out)
    assert (code, printed) == (143, "")
    told = "train: stopped after update 7, saved; go on with ./bazelw run "
    assert err.replace("\r", "\n").splitlines()[-1].startswith(told)
    assert not (folder / "model").exists()

    code, _, err = ended(train_command.main, *args, out, "--seed=1")
    assert code == 2 and "unfinished work of another request: seed was 0" in err

    process = start(*args, out, script=KILLED + MAIN)
    printed, _ = process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert printed == "train: going on after update 7\n"

    code, printed, _ = ended(train_command.main, *args, out)
    assert code == 0 and "going on after update 8\n" in printed
    whole, broken = (
        artifacts.load(str(tmp_path / name / "model"), "model")
        for name in ("whole", "broken")
    )
    assert whole.digest == broken.digest
    files = [made.manifest["files"].keys() for made in (whole, broken)]
    assert files[0] == files[1]  # a stop leaves no checkpoint of its own
    one, two = curves(tmp_path / "whole"), curves(folder)
    assert one == two and {step for step, _ in one} == {5, 10}


def _signal_after(patch, update, number):
    """Makes training get a signal in that update."""
    run_update = Trainer.run_update

    def run_and_signal(self, *batch):
        logs = run_update(self, *batch)
        if self.update == update:
            os.kill(os.getpid(), number)
        return logs

    patch.setattr(Trainer, "run_update", run_and_signal)


def curves(folder):
    """Returns every scalar of a run but its speed, by step and tag."""
    found = {}
    for path in (folder / "logs" / "train").glob("events.out.tfevents.*"):
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                number = tf.make_ndarray(value.tensor)
                is_scalar = number.dtype == np.float32 and number.ndim == 0
                if is_scalar and not value.tag.startswith("speed/"):
                    found[event.step, value.tag] = number.item()
    return found


@pytest.mark.parametrize(
    "args, text",
    [
        (["--strategy=tpu"], "`strategy` must be one of auto, one, mirrored, cpu:N"),
        (["--set=train.batch_size=0"], "`train.batch_size` must be"),
        (["--set=train.compile=jit"], "`train.compile` must be one of"),
        (
            ["--preset=cifar10_conditional", "--set=energy.num_classes=4"],
            "`energy.num_classes` must be 10",
        ),
        (
            [
                '--set=energy={"kind": "sequence", "filters": [8], '
                '"kernel_size": 3, "activation": "swish", "kernel_initializer": '
                '"he_normal", "normalize_head": false}'
            ],
            "`energy.kind` must be a network for examples of shape [28, 28, 1]",
        ),
        (["--examples=/no/such"], "there is no `examples` at /no/such"),
        (["--set=train.batch_size=9"], "train.batch_size was 8, asked 9"),
        (["step_lr=10"], "Received: step_lr=10"),
        (["--out=/proc/run"], "/proc/run"),
    ],
)
def test_bad_request_is_one_line_and_leaves_nothing(run, tmp_path, ended, args, text):
    if "=9" in args[0]:  # settings of a model that is there
        args = [*args, f"--out={run}"]
    small = () if "--preset" in args[0] else (*SMALL, SHORT)
    code, out, err = ended(
        train_command.main,
        *small,
        f"--examples={run / 'examples'}",
        f"--out={tmp_path}/new",
        *args,
    )
    assert (code, out) == (2, "")
    assert err.startswith("train: ") and err.count("\n") == 1
    assert text in err
    assert not (tmp_path / "new").exists()


def test_batch_that_replicas_cannot_share_is_refused(published, tmp_path):
    # A process of its own: the CPU is divided before TensorFlow starts, here before
    # `ingest` uses it.
    process = start(
        *SMALL,
        "--set=train.batch_size=7",
        "--strategy=cpu:2",
        f"--data_dir={published}",
        f"--out={tmp_path}/new",
    )
    _, err = process.communicate()
    assert process.returncode == 2
    assert err.splitlines()[-1] == (
        "train: `batch_size` must be divisible by the 2 replicas. "
        "Received: batch_size=7"
    )
    assert os.listdir(tmp_path / "new") == ["examples"]


def test_examples_with_a_changed_byte_are_refused(published, tmp_path, ended):
    out = f"--out={tmp_path}"
    assert ended(ingest_command.main, *SMALL, f"--data_dir={published}", out)[0] == 0
    path = pathlib.Path(tmp_path, "examples", "train", "images-00000.npy")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    code, _, err = ended(train_command.main, *SMALL, SHORT, out)
    assert (code, err.count("\n")) == (2, 1)
    assert f"{path} was changed after it was written" in err
    assert os.listdir(tmp_path) == ["examples"]
