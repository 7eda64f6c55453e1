"""SIGTERM and Ctrl-C from a command's first moment on: 143 or 130, and how to go on."""

import pathlib
import re
import signal
import subprocess
import time

from benchmarks import tiny_run
from benchmarks.bad_input import asked
from benchmarks.bad_input.trial import Trial

_SIGNALS = {"SIGTERM": signal.SIGTERM, "Ctrl-C": signal.SIGINT}
# Each begins to load what it needs, which takes it longer than the signal takes.
_AT_ONCE = (
    *("all", "classifier", "compile", "evaluate", "export", "ingest", "lineage"),
    *("sample", "saturation", "study", "sweep", "train"),
)
_WHILE_LOADING = (0.3, 1.0)  # seconds


def _is_caught(process: subprocess.Popen, number: int) -> bool:
    """Returns whether a process has a handler of a signal; True if it is gone."""
    try:
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return True
    caught = re.search(r"SigCgt:\s*([0-9a-f]+)", status)
    return process.poll() is not None or bool(int(caught[1], 16) >> (number - 1) & 1)


def _ended(command: str, args, number: int, wait: float):
    def call(folder: pathlib.Path) -> None:
        pipe = subprocess.PIPE
        process = tiny_run.start(
            *args, command=command, cwd=folder, stdout=pipe, stderr=pipe
        )
        while not (number == signal.SIGINT or _is_caught(process, number)):
            time.sleep(0.001)
        while number == signal.SIGINT and not _is_caught(process, signal.SIGTERM):
            time.sleep(0.001)  # Python itself has one of SIGINT before
        time.sleep(wait)
        process.send_signal(number)
        stdout, stderr = process.communicate()
        answer = asked.Answer(process.returncode, stdout, stderr)
        asked.require_stopped(answer, number)

    return call


def _trials():
    for name, number in _SIGNALS.items():
        for command in _AT_ONCE:
            yield Trial(
                name=f"{command}: {name} at once",
                call=_ended(command, ("--out=run",), number, 0.0),
                exit_code=0,
            )
        for command in asked.WORK:
            for wait in _WHILE_LOADING:
                yield Trial(
                    name=f"{command}: {name} {wait} s after its begin",
                    call=_ended(command, asked.WORK[command], number, wait),
                    needs=asked.NEEDS[command],
                    exit_code=0,
                    may_change=True,
                )


TRIALS = tuple(_trials())
