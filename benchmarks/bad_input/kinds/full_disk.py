"""Files that cannot grow any more, as on a full disk: one line, and room mends it."""

import contextlib
import pathlib
import resource
from collections.abc import Iterator

from benchmarks.bad_input import asked
from benchmarks.bad_input.trial import Trial

_LIMITS = (0, 100, 400, 1_000, 4_000, 16_000)  # bytes of a file


@contextlib.contextmanager
def _files_of_at_most(num_bytes: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _full(command: str, num_bytes: int):
    def call(folder: pathlib.Path) -> None:
        with _files_of_at_most(num_bytes):
            answer = asked.run(command, *asked.WORK[command], folder=folder)
        made = folder / "run" / asked.MADE[command]
        told = f"exit code {answer.exit_code}: {' | '.join(answer.lines)[-300:]}"
        asked.require(answer.exit_code == 2, told)
        own = [line for line in answer.lines if line.startswith(f"{command}: ")]
        asked.require(len(own) == 1 and "File too large" in own[0], told)
        asked.require("Traceback" not in answer.stderr, "a traceback")
        asked.require(not made.exists(), f"{made} is there")
        asked.work(command, folder)

    return call


TRIALS = tuple(
    Trial(
        name=f"{command}: files of at most {num_bytes:,} bytes",
        call=_full(command, num_bytes),
        needs=asked.NEEDS[command],
        exit_code=0,
        may_change=True,
    )
    for command in asked.WORK
    for num_bytes in _LIMITS
)
