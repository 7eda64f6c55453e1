"""The command `all`, whole, on miniature digits."""

import json
import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest

from pipeline.commands import all as all_command
from pipeline.commands import sample as sample_command
from pipeline.stages.whole_run import run as whole_run_module
from pipeline.stages.whole_run.steps import STEPS, Step
from pipeline.store import artifacts, locks
from tests.pipeline import made_files

pytestmark = pytest.mark.shard_group("whole_run")

KINDS = {step.name: step.output for step in STEPS}


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


def started(script, flags, code=0):
    """Runs Python in a process of its own; returns its stdout and stderr."""
    process = subprocess.run(
        [sys.executable, "-c", script, *flags],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert process.returncode == code, process
    return process.stdout, process.stderr.replace("\r", "\n")


def test_every_stage_leaves_its_artifact(whole_run):
    folder, _ = whole_run
    for name in KINDS.values():
        artifacts.load(str(folder / name), name)
    assert np.load(folder / "samples" / "samples.npy").shape == (6, 28, 28, 1)
    assert {"evaluate", "sample", "train"} < set(os.listdir(folder / "logs"))
    leftover = {*os.listdir(folder)} - {*KINDS.values(), "logs"}
    assert leftover == set()


def test_a_second_run_does_nothing_and_says_so(whole_run):
    """Nor does it import what it does not need."""
    folder, flags = whole_run
    before = seals(folder)
    script = """
import sys
from pipeline.commands import all
all.main()
print(sorted({"tensorflow", "keras", "kfp", "matplotlib"} & set(sys.modules)))
"""
    out, err = started(script, flags)
    *lines, nothing, report, imported = out.splitlines()
    assert (err, imported) == ("", "[]")
    there = "is there already, made by this request"
    assert len(lines) == 5 and all(line.endswith(there) for line in lines)
    assert nothing.startswith(f"all: nothing to do: {folder} is as asked (")
    assert report == f"all: open in a browser: {folder}/evaluation/report.html"
    assert seals(folder) == before


def test_single_commands_make_the_same(whole_run, tmp_path):
    folder, flags = whole_run
    common = [f for f in flags if not f.startswith(("--data_dir", "--out"))]
    common.append(f"--out={tmp_path / 'run'}")
    for stage in KINDS:
        more = [f for f in flags if f.startswith("--data_dir") and stage == "ingest"]
        started(f"from pipeline.commands import {stage}; {stage}.main()", common + more)
    for name in KINDS.values():
        made = made_files.of_artifact(tmp_path / "run" / name)
        assert made == made_files.of_artifact(folder / name)


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
    made = artifacts.load(str(folder / "samples"), "samples")
    assert made.config["sampler"]["num_steps"] == 13


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


def test_a_model_that_fails_its_gates_is_not_exported(run, ended):
    folder, flags = run
    shutil.rmtree(folder / "export")
    flags = [*flags, "--set=max_energy_gap=1e-9"]
    code, out, err = ended(all_command.main, *flags)
    assert code == 1 and "evaluate: not good enough to export: mean energies" in out
    last = err.replace("\r", "\n").splitlines()[-1]
    assert last.startswith("export: the model failed 1 of its gates: ")
    assert not (folder / "export").exists()
    code, out, _ = ended(all_command.main, *flags, "--force")
    assert code == 0 and f"export: wrote {folder / 'export'}" in out


def test_a_run_folder_is_one_process_s_at_a_time(whole_run, ended):
    folder, flags = whole_run
    with locks.locked(str(folder), str(folder)):
        code, out, err = ended(all_command.main, *flags)
    assert (code, out) == (2, "")
    assert err == f"all: another process is writing {folder}\n"


SIGNALLED = """
import os, signal
from ebm_tf.training.checkpoint import Checkpoints

save = Checkpoints.save

def save_and_signal(self, progress, **kwargs):
    save(self, progress, **kwargs)
    os.kill(os.getpid(), signal.{})

Checkpoints.save = save_and_signal
from pipeline.commands import all
all.main()
"""


@pytest.fixture
def unmade(whole_run, tmp_path):
    """A run folder with the examples alone, and the flags."""
    folder, flags = whole_run
    shutil.copytree(folder / "examples", tmp_path / "run" / "examples")
    return tmp_path / "run", [*flags[:-1], f"--out={tmp_path / 'run'}"]


def test_what_a_kill_left_is_told_and_gone_on_with(whole_run, unmade, ended):
    folder, flags = unmade
    started(SIGNALLED.format("SIGKILL"), flags, code=-signal.SIGKILL)
    assert sorted(os.listdir(folder)) == ["examples", "logs", "model.partial"]
    code, _, err = ended(
        sample_command.main, "--dataset=mnist", "--set=filters=4", f"--out={folder}"
    )
    assert code == 2
    told = f"there is no `model` at {folder / 'model'} (it was begun and not finished)"
    assert err == f"sample: {told}\n"
    code, out, _ = ended(all_command.main, *flags)
    assert code == 0 and "train: going on after update 2\n" in out
    assert "all: made by train, sample, evaluate, export, in " in out
    for name in KINDS.values():
        made = made_files.of_artifact(folder / name)
        assert made == made_files.of_artifact(whole_run[0] / name)


def test_sigterm_saves_and_tells_how_to_go_on(unmade, monkeypatch):
    folder, flags = unmade
    monkeypatch.setenv("BUILD_WORKING_DIRECTORY", str(folder.parent))
    _, err = started(SIGNALLED.format("SIGTERM"), flags, code=143)
    last = err.splitlines()[-1]
    assert last.startswith(
        "train: stopped after update 2, saved; go on with "
        "./bazelw run //pipeline:all -- --dataset=mnist --set=validation_count=12 "
    )
    assert last.endswith(" --out=run")
    assert (folder / "model.partial" / "request.json").exists()


@pytest.mark.parametrize(
    "number, code, text",
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "ended by SIGTERM")],
)
def test_a_signal_in_any_stage_tells_how_to_go_on(
    tmp_path, monkeypatch, ended, number, code, text
):
    def interrupted(order, inputs, out):
        os.kill(os.getpid(), number)

    steps = (Step(name="sample", output="samples", run=interrupted),)
    monkeypatch.setattr(whole_run_module, "STEPS", steps)
    monkeypatch.setenv("BUILD_WORKING_DIRECTORY", str(tmp_path))
    found = ended(all_command.main, "--dataset=mnist", "--seed=7", "--force")
    again = "./bazelw run //pipeline:all -- --dataset=mnist --seed=7 --force"
    assert found == (code, "", f"sample: {text}; go on with {again}\n")
    assert not (tmp_path / "runs").exists()
