"""Two workers of one device each, in processes of their own on this machine."""

import json
import os
import shutil
import socket
import subprocess
import sys

import numpy as np
import pytest

from pipeline.commands import train as train_command
from pipeline.store import artifacts
from tests import small_run

FLAGS = (*small_run.TRAIN_FLAGS, "--set=train.num_updates=40")
MAIN = "from pipeline.commands import train; train.main()"
# The chief says when a checkpoint is there, and waits to be told to go on.
TOLD = """
from ebm_tf.training.checkpoint import Checkpoints
save = Checkpoints.save
def save_and_tell(self, progress, stop=False):
    save(self, progress, stop)
    if progress.update == 8 and self._workers.is_chief:
        print("saved 8", flush=True)
        input()
Checkpoints.save = save_and_tell
"""
LOST = (
    "train: a worker is gone, or the connection to it; start all workers again, each "
    "with its command, to go on from the newest checkpoint"
)


def start_workers(*flags, script=MAIN):
    """Starts the same command as worker 0 and 1 of two."""
    with socket.socket() as one, socket.socket() as two:
        for free in (one, two):
            free.bind(("127.0.0.1", 0))
        ports = [free.getsockname()[1] for free in (one, two)]
    jobs = {"worker": [f"localhost:{port}" for port in ports]}
    started = []
    for index in (0, 1):
        config = {"cluster": jobs, "task": {"type": "worker", "index": index}}
        env = {"PYTHONPATH": os.pathsep.join(sys.path), "TF_CONFIG": json.dumps(config)}
        process = subprocess.Popen(
            [sys.executable, "-c", script, *FLAGS, "--strategy=multi_worker", *flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | env,
        )
        started.append(process)
    return started


def last_line(text):
    return text.rstrip().splitlines()[-1]


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    return small_run.make_examples(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def broken(examples, tmp_path_factory):
    """A run folder of two workers, one of which was killed after 8 updates."""
    out = tmp_path_factory.mktemp("run")
    flags = f"--examples={examples}", f"--out={out}"
    chief, other = start_workers(*flags, script=TOLD + MAIN)
    while line := chief.stdout.readline():
        if line == "saved 8\n":
            break
    other.kill()
    other.communicate()
    _, err = chief.communicate("\n")
    assert chief.returncode == 1
    assert last_line(err) == LOST and "Traceback" not in err
    assert not (out / "model").exists()
    return out


def test_a_killed_run_goes_on_and_equals_two_replicas_of_one_worker(
    broken, examples, tmp_path
):
    out = shutil.copytree(broken, tmp_path / "two")
    workers = start_workers(f"--examples={examples}", f"--out={out}")
    one = (f"--examples={examples}", f"--out={tmp_path}/one", "--strategy=cpu:2")
    train_command.main([*FLAGS, *one])
    for process, wrote in zip(workers, ("wrote", "the chief wrote"), strict=True):
        printed, err = process.communicate()
        assert process.returncode == 0, err
        assert "train: going on after update" in printed
        assert last_line(printed) == f"train: {wrote} {out}/model"
    made, whole = (
        artifacts.load(f"{run}/model", "model") for run in (out, tmp_path / "one")
    )
    assert made.manifest["notes"] == {"strategy": "multi_worker", "replicas": 2}
    assert made.manifest["files"].keys() == whole.manifest["files"].keys()
    # Sums of two numbers are the same in any order: the buffer has the same levels.
    for name, value in arrays(made).items():
        np.testing.assert_allclose(value, arrays(whole)[name], atol=1e-5, err_msg=name)


def arrays(model):
    """Returns the arrays of the last checkpoint and of the replay buffer."""
    import tensorflow as tf

    reader = tf.train.load_checkpoint(model.file("checkpoints/ckpt-40"))
    found = {
        name: reader.get_tensor(name).astype(np.float64)
        for name in reader.get_variable_to_shape_map()
        if name.startswith(("energy/", "optimizer/", "buffer/"))
    }
    parts = {name.split("/")[1] for name in found if name.startswith("buffer/")}
    assert parts == {"0", "1"}
    return found | {"replay": np.load(model.file("replay.npy")).astype(np.float64)}


def test_it_goes_on_with_one_replica_too(broken, examples, tmp_path, capsys):
    out = shutil.copytree(broken, tmp_path / "alone")
    flags = (f"--examples={examples}", f"--out={out}", "--strategy=one")
    train_command.main([*FLAGS, *flags])
    assert "train: going on after update" in capsys.readouterr().out
    assert len(np.load(out / "model" / "replay.npy")) == 16


def test_what_cannot_be_is_one_line(examples, tmp_path, monkeypatch, capsys):
    flags = [*FLAGS, "--strategy=multi_worker", f"--out={tmp_path}/new"]
    monkeypatch.setenv("TF_CONFIG", "{}")
    for given, text in (
        ([], "`--strategy` must be of one worker, but for the command `train` when"),
        ([f"--examples={examples}"], "`TF_CONFIG` must be the cluster and"),
    ):
        with pytest.raises(SystemExit) as ended:
            train_command.main([*flags, *given])
        assert ended.value.code == 2
        err = capsys.readouterr().err
        assert err.startswith(f"train: {text}") and err.count("\n") == 1
    assert not (tmp_path / "new").exists()
