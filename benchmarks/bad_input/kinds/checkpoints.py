"""Checkpoints that are damaged, or that the system lets no one read: none is lost."""

import json
import os
import pathlib
import resource

from benchmarks.bad_input.trial import Trial

_DATA = ".data-00000-of-00001"
_PLACE = "run/model/checkpoints"


_made = {}


def _checkpoints(folder: pathlib.Path):
    """Returns the checkpoints of a trial's model; one trainer reads those of all."""
    from ebm_tf import settings
    from pipeline.settings.config import RunConfig
    from pipeline.stages import train
    from pipeline.store import artifacts

    if not _made:
        manifest = json.loads((folder / "run/model/manifest.json").read_text())
        config = settings.from_dict(RunConfig, manifest["config"], "run")
        examples = artifacts.peek(str(folder / "run/examples"), "examples")
        _made["trainer"] = train.make_trainer(examples, config, 0, "one")
    return _made["trainer"].checkpoints(str(folder / _PLACE))


def _restore(folder: pathlib.Path) -> None:
    _checkpoints(folder).restore()


def _with_free(num: int):
    """Returns a call that reads with so many descriptors free."""

    def call(folder: pathlib.Path) -> None:
        checkpoints = _checkpoints(folder)
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        used = {int(name) for name in os.listdir("/proc/self/fd")}
        free = [n for n in range(len(used) + num + 2) if n not in used]
        resource.setrlimit(resource.RLIMIT_NOFILE, (free[num], limits[1]))
        try:
            checkpoints.restore()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)

    return call


def _all(change):
    def setup(folder: pathlib.Path) -> None:
        for index in (folder / _PLACE).glob("ckpt-*.index"):
            change(index.with_suffix(""))

    return setup


def _end(path: pathlib.Path, end: str) -> pathlib.Path:
    return path.with_name(path.name + end)


def _cut(end: str, size: int):
    def change(path: pathlib.Path) -> None:
        place = _end(path, end)
        place.write_bytes(place.read_bytes()[:size])

    return change


def _flip(end: str, where: float):
    def change(path: pathlib.Path) -> None:
        place = _end(path, end)
        content = bytearray(place.read_bytes())
        content[int(where * len(content))] ^= 1
        place.write_bytes(content)

    return change


def _fill(end: str, content: bytes):
    def change(path: pathlib.Path) -> None:
        _end(path, end).write_bytes(content)

    return change


def _without_data(path: pathlib.Path) -> None:
    _end(path, _DATA).unlink()


def _folder_of_data(path: pathlib.Path) -> None:
    _without_data(path)
    _end(path, _DATA).mkdir()


_DAMAGE = {
    "have no data": _without_data,
    **{
        f"have {end} cut to {size} bytes": _cut(end, size)
        for end in (".index", _DATA)
        for size in (0, 1, 100)
    },
    **{
        f"have a bit of {end} changed at {where}": _flip(end, where)
        for end, places in ((".index", (0.1, 0.3, 0.5)), (_DATA, (0.2, 0.5, 0.8)))
        for where in places
    },
    **{
        f"have a text for {end}": _fill(end, b"mine" * 100) for end in (".index", _DATA)
    },
    **{f"have zeros for {end}": _fill(end, bytes(999)) for end in (".index", _DATA)},
}

TRIALS = (
    *(
        Trial(
            name=f"all checkpoints {name}",
            call=_restore,
            needs="model",
            setup=_all(change),
            says=("all are damaged and stay as they are", "ckpt-"),
        )
        for name, change in _DAMAGE.items()
    ),
    Trial(
        name="the data of all checkpoints are folders",
        call=_restore,
        needs="model",
        setup=_all(_folder_of_data),
        says=(_DATA,),
    ),
    *(
        Trial(
            name=f"{num} descriptors are free",
            call=_with_free(num),
            needs="model",
            says=("Too many open files",),
        )
        for num in range(3)
    ),
)
