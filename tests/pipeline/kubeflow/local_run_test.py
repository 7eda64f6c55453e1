"""The command `all`, whole, on miniature digits."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from pipeline.commands import all as all_command
from pipeline.kubeflow import local_run
from pipeline.store import artifacts

pytestmark = pytest.mark.shard_group("whole_run")

KINDS = dict(local_run.STAGES)


def seals(folder):
    return {
        stage: json.loads((folder / name / "manifest.json").read_text())["seal"]
        for stage, name in KINDS.items()
    }


@pytest.fixture
def run(whole_run, tmp_path):
    """A copy of the run, to change; returns `(folder, flags)`."""
    folder, flags = whole_run
    shutil.copytree(folder, tmp_path / "run")
    return tmp_path / "run", [*flags[:-1], f"--out={tmp_path / 'run'}"]


def test_every_stage_leaves_its_artifact(whole_run):
    folder, _ = whole_run
    for name in KINDS.values():
        artifacts.load(str(folder / name), name)
    assert np.load(folder / "samples" / "samples.npy").shape == (6, 28, 28, 1)
    assert {"evaluate", "sample", "train"} < set(os.listdir(folder / "logs"))
    leftover = {*os.listdir(folder)} - {*KINDS.values(), "logs"}
    assert leftover == set()


def test_a_second_run_does_nothing_and_says_so(whole_run, ended):
    folder, flags = whole_run
    before = seals(folder)
    code, out, err = ended(all_command.main, *flags)
    assert (code, err) == (0, "")
    assert out.count("is there already, made by this request\n") == 5
    assert f"all: nothing to do: {folder} is as asked" in out
    assert seals(folder) == before


def test_other_steps_of_the_sampler_make_samples_and_report_anew(run, ended):
    folder, flags = run
    before = seals(folder)
    code, out, _ = ended(all_command.main, *flags, "--set=sample.sampler.num_steps=13")
    assert code == 0
    after = seals(folder)
    changed = {stage for stage in before if before[stage] != after[stage]}
    assert changed == {"sample", "evaluate"}
    assert "samples is made anew: sampler.num_steps was 12, asked 13" in out
    assert "all: made by sample, evaluate, in " in out
    assert (
        artifacts.load(str(folder / "samples"), "samples").config["sampler"][
            "num_steps"
        ]
        == 13
    )


def test_a_failing_stage_ends_the_run_with_its_own_line(whole_run, tmp_path, ended):
    _, flags = whole_run
    flags = [flag for flag in flags if not flag.startswith(("--data_dir", "--out"))]
    out_flag = f"--out={tmp_path / 'new'}"
    code, out, err = ended(
        all_command.main, *flags, f"--data_dir={tmp_path / 'none'}", out_flag
    )
    assert (code, out) == (2, "")
    assert err == f"ingest: `data_dir` does not exist: {tmp_path / 'none'}\n"
    assert os.listdir(tmp_path) == []


def start(flags):
    script = "from pipeline.commands import all; all.main()"
    return subprocess.Popen(
        [sys.executable, "-c", script, *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


def wait_for(path, process):
    while not path.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


def test_sigterm_is_saved(run, ended):
    """Meanwhile a second `all` in that folder is refused."""
    folder, flags = run
    flags = [*flags, "--set=train.num_updates=4000"]
    process = start(flags)
    wait_for(folder / "model.partial" / "checkpoints", process)
    code, out, err = ended(all_command.main, *flags)
    assert (code, out) == (2, "")
    assert err == f"all: another process is writing {folder}\n"
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 143
    assert "train: " in err.replace("\r", "\n").splitlines()[-1]
    assert (folder / "model.partial" / "request.json").exists()
    assert (folder / "model" / "manifest.json").exists()  # the one before
