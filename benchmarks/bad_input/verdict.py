"""Runs a trial and says what of its answer is not as it must be."""

import contextlib
import dataclasses
import hashlib
import importlib
import io
import os
import pathlib
import stat
import subprocess
import sys
import tempfile
import traceback

from benchmarks.bad_input import start
from benchmarks.bad_input.trial import Trial

_SOURCE = str(pathlib.Path(__file__).parents[2])


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a trial came to: its exit code and what it wrote to stderr."""

    exit_code: int | None
    stderr: str


def faults(trial: Trial) -> list[str]:
    """Returns what is wrong with the answer to a trial, a line each."""
    with tempfile.TemporaryDirectory(prefix="bad_input_") as name:
        folder = pathlib.Path(name)
        start.copy(trial.needs, folder)
        if trial.setup is not None:
            trial.setup(folder)
        before = digest_of(folder)
        answer = _ask(trial, folder)
        found = list(_wrong(trial, answer))
        if not trial.may_change and digest_of(folder) != before:
            found.append("the folder is not as it was")
        return found


def digest_of(folder: pathlib.Path) -> dict[str, str]:
    """Returns what lies below a folder, by relative path, links not followed."""
    found = {}
    for root, folders, files in os.walk(os.fsencode(folder)):
        for name in (*folders, *files):
            path = os.path.join(root, name)
            kind = os.lstat(path)
            content = oct(kind.st_mode)
            if stat.S_ISLNK(kind.st_mode):
                content += os.fsdecode(os.readlink(path))
            elif stat.S_ISREG(kind.st_mode) and kind.st_mode & 0o400:
                with open(path, "rb") as file:
                    content += hashlib.file_digest(file, "sha256").hexdigest()
            relative = os.path.relpath(path, os.fsencode(folder))
            found[os.fsdecode(relative)] = content
    return found


def _ask(trial: Trial, folder: pathlib.Path) -> Answer:
    if trial.call is not None:
        return _called(trial, folder)
    if trial.alone:
        return _alone(trial, folder)
    stderr = io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stderr(stderr),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        try:
            importlib.import_module(f"pipeline.commands.{trial.command}").main(
                trial.args
            )
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:
            traceback.print_exc(file=stderr)
            code = 1
    return Answer(code, stderr.getvalue())


def _alone(trial: Trial, folder: pathlib.Path) -> Answer:
    code = (
        f"from pipeline.commands import {trial.command}; {trial.command}.main()",
        *trial.args,
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", *code],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": _SOURCE},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            errors="replace",
            timeout=trial.seconds,
        )
    except subprocess.TimeoutExpired:
        return Answer(None, "")
    return Answer(done.returncode, done.stderr)


def _called(trial: Trial, folder: pathlib.Path) -> Answer:
    try:
        trial.call(folder)
    except Exception as error:
        # An error that the project raises itself is one of its own, or a plain one.
        return Answer(2, f"call: {error}")
    return Answer(0, "")


def _wrong(trial: Trial, answer: Answer):
    if answer.exit_code is None:
        yield f"not done after {trial.seconds} s"
        return
    lines = _lines(answer.stderr)
    if answer.exit_code != trial.exit_code:
        told = f": {' | '.join(lines)[-400:]}" if trial.exit_code == 0 else ""
        yield f"exit code {answer.exit_code}, not {trial.exit_code}{told}"
    if "Traceback" in answer.stderr:
        yield f"a traceback: {lines[-1]}"
        return
    if trial.exit_code == 0:
        return
    command = trial.command or "call"
    own = [line for line in lines if line.startswith(f"{command}: ")]
    if len(own) != 1 or (trial.call is not None and len(lines) != 1):
        yield f"{len(own)} lines of its own in: {' | '.join(lines)[-400:]}"
    yield from (
        f"its line lacks {words!r}: {' '.join(own)[-400:]}"
        for words in trial.says
        if words not in " ".join(own)
    )


def _lines(stderr: str) -> list[str]:
    """Returns the lines that stay on a screen; a bar overwrites itself."""
    lines = [line.rpartition("\r")[2].strip() for line in stderr.split("\n")]
    return [line for line in lines if line]
