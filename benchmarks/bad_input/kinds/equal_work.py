"""Equal work under other circumstances: it has the digest of the first."""

import functools
import os
import pathlib
import shutil
import tempfile
import time
from collections.abc import Callable

from benchmarks.bad_input import asked, start
from benchmarks.bad_input.trial import Trial

_SHOWN = {
    "train": (
        "--set=train.log_every=3",
        "--set=train.image_every=15",
        "--set=train.preview_steps=3",
        "--set=train.checkpoint_every=5",
        "--set=train.keep_checkpoints=1",
    ),
    "sample": ("--set=sample.num_strips=2", "--set=sample.png_files=true"),
}


@functools.cache
def _first(command: str) -> str:
    """Returns the digest of what a command makes as a rule."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        start.copy(asked.NEEDS[command], folder)
        return asked.work(command, folder)["digest"]


def _again(command: str, folder: pathlib.Path) -> dict:
    return asked.work(command, folder)


def _in_another_order(command: str, folder: pathlib.Path) -> dict:
    answer = asked.run(command, *asked.WORK[command][::-1], folder=folder)
    asked.require(answer.exit_code == 0, f"exit code {answer.exit_code}")
    return asked.manifest(folder / "run" / asked.MADE[command])


def _with_the_seed(command: str, folder: pathlib.Path) -> dict:
    return asked.work(command, folder, "--seed=0")


def _in_another_folder(command: str, folder: pathlib.Path) -> dict:
    deeper = folder / "deeper" / "still"
    deeper.mkdir(parents=True)
    (folder / "run").rename(deeper / "run")
    return asked.work(command, deeper)


def _through_a_link(command: str, folder: pathlib.Path) -> dict:
    (folder / "run").rename(folder / "real")
    (folder / "run").symlink_to(folder / "real")
    return asked.work(command, folder)


def _of_a_copy(command: str, folder: pathlib.Path) -> dict:
    shutil.copytree(folder / "run", folder / "copy")
    shutil.rmtree(folder / "run")
    (folder / "copy").rename(folder / "run")
    return asked.work(command, folder)


def _of_old_files(command: str, folder: pathlib.Path) -> dict:
    for path in folder.rglob("*"):
        os.utime(path, (1, 1))
    return asked.work(command, folder)


def _after_other_work(command: str, folder: pathlib.Path) -> dict:
    other = folder / "other"
    start.copy(asked.NEEDS[command], other)
    asked.work(command, other, "--seed=7")
    return asked.work(command, folder)


def _in_another_zone(command: str, folder: pathlib.Path) -> dict:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Pacific/Kiritimati"
    time.tzset()
    try:
        return asked.work(command, folder)
    finally:
        os.environ.pop("TZ")
        os.environ |= {} if before is None else {"TZ": before}
        time.tzset()


def _under_another_mask(command: str, folder: pathlib.Path) -> dict:
    before = os.umask(0o077)
    try:
        return asked.work(command, folder)
    finally:
        os.umask(before)


_CIRCUMSTANCES: dict[str, Callable[[str, pathlib.Path], dict]] = {
    "again": _again,
    "flags in another order": _in_another_order,
    "the seed that it has anyway": _with_the_seed,
    "another folder": _in_another_folder,
    "through a link": _through_a_link,
    "from a copy": _of_a_copy,
    "from files of another date": _of_old_files,
    "after other work": _after_other_work,
    "in another time zone": _in_another_zone,
    "under another umask": _under_another_mask,
}


def _equal(command: str, make: Callable[[str, pathlib.Path], dict]):
    def call(folder: pathlib.Path) -> None:
        found, first = make(command, folder)["digest"], _first(command)
        asked.require(found == first, f"the digest is {found}, not {first}")

    return call


def _trials():
    for command in asked.WORK:
        circumstances = _CIRCUMSTANCES | {
            setting.removeprefix("--set="): (
                lambda name, folder, setting=setting: asked.work(name, folder, setting)
            )
            for setting in _SHOWN.get(command, ())
        }
        for name, make in circumstances.items():
            yield Trial(
                name=f"{command}: {name}",
                call=_equal(command, make),
                needs=asked.NEEDS[command],
                exit_code=0,
                may_change=True,
            )


TRIALS = tuple(_trials())
