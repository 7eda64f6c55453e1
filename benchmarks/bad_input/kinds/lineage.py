"""Runs that were copied, moved and changed: `lineage` tells what is not as it was."""

import json
import pathlib
import shutil

from benchmarks.bad_input.trial import Trial


def _change(path: str):
    def setup(folder: pathlib.Path) -> None:
        place = folder / path
        content = place.read_bytes()
        place.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    return setup


def _copied(then, keep: bool = True):
    """Returns a setup: a copy of the run, changed; the original stays or goes."""

    def setup(folder: pathlib.Path) -> None:
        _point_here(folder)
        shutil.copytree(folder / "run", folder / "copy")
        if not keep:
            shutil.rmtree(folder / "run")
        then(folder)

    return setup


def _point_here(folder: pathlib.Path) -> None:
    """Makes the run's model say that its examples are in this trial's folder."""
    from pipeline.store import manifests

    note = folder / "run" / "model" / "manifest.json"
    manifest = json.loads(note.read_text())
    manifest["inputs"]["examples"]["path"] = str(folder / "run" / "examples")
    note.write_text(json.dumps(manifest | {"seal": manifests.seal(manifest)}))


def _remove(path: str):
    def setup(folder: pathlib.Path) -> None:
        place = folder / path
        shutil.rmtree(place) if place.is_dir() else place.unlink()

    return setup


def _nothing(folder: pathlib.Path) -> None:
    pass


def _edit(path: str, **changes):
    def setup(folder: pathlib.Path) -> None:
        note = folder / path / "manifest.json"
        note.write_text(json.dumps(json.loads(note.read_text()) | changes))

    return setup


def _trial(name, setup, *says, at="copy", check=True, exit_code=1):
    return Trial(
        name=name,
        command="lineage",
        args=(f"--artifact={at}/model", *(["--check"] if check else [])),
        needs="model",
        setup=setup,
        says=says,
        exit_code=exit_code,
    )


_SHARD = "examples/train/images-00000.npy"
_FILES = (
    "model/model.keras",
    "model/replay.npy",
    "model/checkpoints/ckpt-2.index",
    _SHARD,
    "examples/test/labels-00000.npy",
    "examples/validation/index.json",
)


def _trials():
    yield _trial("a run as it was", _copied(_nothing), exit_code=0)
    yield _trial("a run that was renamed", _copied(_nothing, keep=False), exit_code=0)
    for keep in (True, False):
        where = "copied" if keep else "renamed"
        for file in _FILES:
            yield _trial(
                f"a byte of {file} of a {where} run",
                _copied(_change(f"copy/{file}"), keep),
                f"copy/{file} was changed",
            )
            yield _trial(
                f"{file} of a {where} run is gone",
                _copied(_remove(f"copy/{file}"), keep),
                f"copy/{file} is missing",
            )
        yield _trial(
            f"another digest in the manifest of a {where} run's examples",
            _copied(_edit("copy/examples", digest="0" * 64), keep),
            "copy/examples",
        )
        yield _trial(
            f"another seed in the manifest of a {where} run's examples",
            _copied(_edit("copy/examples", seed=9), keep),
            "copy/examples/manifest.json was changed",
        )
    for check in (True, False):
        yield _trial(
            f"the examples are gone everywhere, check={check}",
            _copied(_remove("copy/examples"), keep=False),
            "examples is not there",
            check=check,
        )
    yield _trial(
        "the manifest of the examples is cut",
        _copied(_cut("copy/examples/manifest.json")),
        "copy/examples/manifest.json",
        exit_code=2,
    )


def _cut(path: str):
    def setup(folder: pathlib.Path) -> None:
        place = folder / path
        place.write_bytes(place.read_bytes()[:-20])

    return setup


TRIALS = tuple(_trials())
