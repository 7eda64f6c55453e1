"""Work that a signal stops, and the same command again: equal to what never stopped."""

import functools
import pathlib
import shutil
import signal
import tempfile

from benchmarks.bad_input import asked, start
from benchmarks.bad_input.trial import Trial

_SIGNALS = {"SIGTERM": signal.SIGTERM, "Ctrl-C": signal.SIGINT}
# Command -> seconds of its work before the signal.
_WAITS = {
    "train": (0.0, 0.2, 0.5, 1.0, 1.5),
    "sample": (0.0, 0.1, 0.3, 0.6),
    "export": (0.0, 0.5, 1.5),
    "classifier": (0.0, 0.3),
}


@functools.cache
def _whole(command: str) -> tuple[str, dict]:
    """Returns digest and points of what was never stopped."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        start.copy(asked.NEEDS[command], folder)
        return asked.work(command, folder)["digest"], _points(folder)


def _points(folder: pathlib.Path) -> dict:
    """Returns the curves of training but for its speed, by tag and update."""
    from tensorflow.compat.v1.train import summary_iterator

    return {
        (value.tag, event.step): value.tensor.SerializeToString()
        for path in sorted(folder.glob("run/logs/train/events.*"))
        for event in summary_iterator(str(path))
        for value in event.summary.value
        if not value.tag.startswith("speed/")
    }


def _equal(command: str, number: int, wait: float):
    def call(folder: pathlib.Path) -> None:
        for sooner in (1, 2, 4, 8):  # a faster machine is done before
            answer = asked.stopped(command, number, wait / sooner, folder)
            if answer is not None:
                break
            shutil.rmtree(folder / "run")
            start.copy(asked.NEEDS[command], folder)
        if answer is not None:
            asked.require_stopped(answer, number)
        digest, points = _whole(command)
        found = asked.work(command, folder)["digest"]
        asked.require(found == digest, f"the digest is {found}, not {digest}")
        asked.require(_points(folder) == points, "the curves differ")

    return call


TRIALS = tuple(
    Trial(
        name=f"{command}: {name} after {wait} s of its work",
        call=_equal(command, number, wait),
        needs=asked.NEEDS[command],
        exit_code=0,
        may_change=True,
    )
    for name, number in _SIGNALS.items()
    for command, waits in _WAITS.items()
    for wait in waits
)
