"""Kills between the steps of a replacement, clocks that go back, TMPDIR."""

import os
import pathlib
import subprocess
import sys
import tempfile

from benchmarks.bad_input import asked
from benchmarks.bad_input.trial import Trial

_MOST_STEPS, _NO_STEP = 40, 10**6
# Replaces the artifact `examples`, and is killed before a step that changes a folder.
_REPLACE = """
import itertools, os, shutil, signal, sys
from pipeline.store import artifacts, replacement

def is_step(event, args):
    if event == "open":
        return bool(args[2] & (os.O_WRONLY | os.O_RDWR))
    return event in ("os.rename", "os.remove", "os.rmdir", "os.mkdir")

count, last = itertools.count(), int(sys.argv[1])

def kill(event, args):
    if is_step(event, args) and next(count) == last:
        os.kill(os.getpid(), signal.SIGKILL)

old = artifacts.load("run/examples", "examples")
with replacement.on():
    sys.addaudithook(kill)
    with artifacts.writing("run/examples", "examples", old.config, {}, 1) as scratch:
        for name in ("train", "validation", "test"):
            shutil.copytree(old.file(name), os.path.join(scratch.folder, name))
        scratch.details.update(old.details)
"""


def _killed(step: int):
    def call(folder: pathlib.Path) -> None:
        done = _replace(folder, step)
        asked.require(done.returncode in (0, -9), done.stderr[-300:])
        answer = asked.run(
            "lineage", "--artifact=run/examples", "--check", folder=folder
        )
        told = f"lineage: exit code {answer.exit_code}: {answer.lines[-1:]}"
        asked.require(answer.exit_code == 0, told)
        seed = asked.manifest(folder / "run/examples")["seed"]
        asked.require(done.returncode != 0 or seed == 1, "it was not replaced")
        again = _replace(folder, _NO_STEP)
        asked.require(again.returncode == 0, again.stderr[-300:])
        left = os.listdir(folder / "run")
        asked.require(left == ["examples"], f"left: {left}")
        seed = asked.manifest(folder / "run/examples")["seed"]
        asked.require(seed == 1, "it was not replaced the second time")

    return call


def _replace(folder: pathlib.Path, step: int) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", _REPLACE, str(step)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )


def _back_from(second: int):
    """A clock that showed `second` once, and shows the present one now."""

    def call(folder: pathlib.Path) -> None:
        asked.work("train", folder)
        logs = folder / "run/logs/train"
        for path in sorted(logs.glob("events.*")):
            *_, suffix = path.name.split(".", 4)
            path.rename(logs / f"events.out.tfevents.{second}.{suffix}")
        asked.work("train", folder, "--set=train.num_updates=16")
        from tensorflow.compat.v1.train import summary_iterator

        steps = [
            event.step
            for path in sorted(logs.glob("events.*"))
            for event in summary_iterator(str(path))
            if event.summary.value
        ]
        asked.require(steps == sorted(steps), f"updates in the order {steps}")

    return call


def _tidy(command: str, *args: str):
    def call(folder: pathlib.Path) -> None:
        own = folder / "tmp"
        own.mkdir()
        before = os.environ.get("TMPDIR"), tempfile.tempdir
        os.environ["TMPDIR"], tempfile.tempdir = str(own), None
        try:
            asked.run(command, *args, folder=folder)
            left = os.listdir(own)
        finally:
            os.environ.pop("TMPDIR")
            os.environ |= {} if before[0] is None else {"TMPDIR": before[0]}
            tempfile.tempdir = before[1]
        asked.require(not left, f"left: {left}")

    return call


def _trials():
    for step in range(_MOST_STEPS):
        yield Trial(
            name=f"killed before step {step} of a replacement",
            call=_killed(step),
            needs="examples",
            exit_code=0,
            may_change=True,
        )
    for second in (1_700_000_000, 2_000_000_000, 4_000_000_000, 9_999_999_999):
        yield Trial(
            name=f"curves from the second {second}",
            call=_back_from(second),
            needs="examples",
            exit_code=0,
            may_change=True,
        )
    for command, args in asked.WORK.items():
        for more in ((), ("--set=no=1",)):
            yield Trial(
                name=f"{command}: TMPDIR, {'refused' if more else 'made'}",
                call=_tidy(command, *args, *more),
                needs=asked.NEEDS[command],
                exit_code=0,
                may_change=True,
            )


TRIALS = tuple(_trials())
