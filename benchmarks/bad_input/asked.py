"""Commands asked within a trial, once or again, and what must hold of their answers."""

import contextlib
import glob
import importlib
import io
import json
import os
import pathlib
import signal
import threading
import time
import traceback
from collections.abc import Iterator
from typing import NamedTuple

import keras

from benchmarks import tiny_run

# Words after each command that makes an artifact of the run folder that trials have.
WORK = {
    "train": (
        "--out=run",
        "--examples=run/examples",
        *tiny_run.SETTINGS,
        "--set=train.num_updates=12",
        "--set=train.log_every=5",
        "--set=train.image_every=60",
        "--set=train.checkpoint_every=4",
    ),
    "sample": (
        "--out=run",
        "--num=12",
        "--set=sample.batch_size=4",
        "--set=sample.sampler.num_steps=4",
        "--set=sample.strip_frames=4",
    ),
    "export": ("--out=run", "--force"),
    "classifier": ("--out=run", "--set=num_epochs=1", "--set=classifier.batch_size=32"),
}
MADE = {
    "train": "model",
    "sample": "samples",
    "export": "export",
    "classifier": "classifier",
}
NEEDS = dict.fromkeys(WORK, "model") | {"train": "examples"}


class Answer(NamedTuple):
    """What a command came to: its exit code and what it wrote."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> list[str]:
        """Of stderr, those that stay on a screen, but for the ends of bars."""
        lines = [line.rpartition("\r")[2].strip() for line in self.stderr.split("\n")]
        return [line for line in lines if line and "%|" not in line]


def require(holds: bool, what: str) -> None:
    """Raises RuntimeError, which breaks a trial, unless something holds."""
    if not holds:
        raise RuntimeError(what)


def run(command: str, *args: str, folder: pathlib.Path) -> Answer:
    """Runs a command in this process, where the user stands in `folder`."""
    keras.backend.clear_session()  # as a process of its own begins
    stdout, stderr = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
    ):
        try:
            importlib.import_module(f"pipeline.commands.{command}").main(args)
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:
            traceback.print_exc(file=stderr)
            code = 1
    return Answer(code, stdout.getvalue(), stderr.getvalue())


def work(command: str, folder: pathlib.Path, *more: str) -> dict:
    """Runs one of `WORK` to its end; returns the manifest of what it made."""
    answer = run(command, *WORK[command], *more, folder=folder)
    require(answer.exit_code == 0, f"exit code {answer.exit_code}: {answer.lines[-1:]}")
    return manifest(folder / "run" / MADE[command])


def manifest(artifact: pathlib.Path) -> dict:
    """Returns what the manifest of an artifact holds."""
    return json.loads((artifact / "manifest.json").read_text())


def stopped(
    command: str, number: int, wait: float, folder: pathlib.Path
) -> Answer | None:
    """Runs one of `WORK` and sends this process a signal while it works.

    Args:
        command: Which.
        number: Of the signal.
        wait: Seconds from when there is a folder of unfinished work to the signal.
        folder: Where the user stands.

    Returns:
        The answer, or None if it was done before the signal came.
    """
    mark = str(folder / "run" / f"{MADE[command]}.partial")
    with _late(number) as late:
        done = threading.Event()
        thread = threading.Thread(target=_send, args=(mark, wait, number, done))
        thread.start()
        answer = run(command, *WORK[command], folder=folder)
        done.set()
        thread.join()
        time.sleep(0)  # a signal that came at the very end is handled here
        return None if late or answer.exit_code == 0 else answer


def require_stopped(answer: Answer, number: int) -> None:
    """Raises unless a command ended as one that a signal ends."""
    told = f"exit code {answer.exit_code}: {' | '.join(answer.lines)[-300:]}"
    require(answer.exit_code == 128 + number, told)
    require("Traceback" not in answer.stderr, "a traceback")
    require("go on with" in (answer.lines or [""])[-1], f"no way to go on: {told}")


@contextlib.contextmanager
def _late(number: int) -> Iterator[list[int]]:
    """Within the block a signal that no command takes is noted, and ends nothing."""
    noted: list[int] = []
    before = signal.signal(number, lambda signum, frame: noted.append(signum))
    try:
        yield noted
    finally:
        signal.signal(number, before)


def _send(mark: str, wait: float, number: int, done: threading.Event) -> None:
    while not glob.glob(mark):
        if done.wait(0.001):
            return
    if not done.wait(wait):
        os.kill(os.getpid(), number)
