"""A user's files and links where a command would write: they stay, byte for byte."""

import os
import pathlib
import shutil

from benchmarks import tiny_run
from benchmarks.bad_input.trial import Trial

_MARK = '{"request": {}}'
# Command -> what it makes of the model, or of the examples, in `run`.
_MADE = {
    "sample": "samples",
    "export": "export",
    "classifier": "classifier",
    "train": "model",
}
_OF_EXAMPLES = ("--examples=run/examples", *tiny_run.SETTINGS)


def _folder(place: pathlib.Path) -> None:
    place.mkdir()
    (place / "mine.txt").write_text("mine")


def _nested(place: pathlib.Path) -> None:
    (place / "deep" / "deeper").mkdir(parents=True)
    (place / "deep" / "mine.txt").write_text("mine")


def _file(place: pathlib.Path) -> None:
    place.write_text("mine")


def _link(place: pathlib.Path) -> None:
    _folder(place.parents[1] / "aside")
    place.symlink_to(place.parents[1] / "aside")


def _marked_link(place: pathlib.Path) -> None:
    _link(place)
    (place / "request.json").write_text(_MARK)


def _link_to_nothing(place: pathlib.Path) -> None:
    place.symlink_to(place.parents[1] / "nowhere")


def _link_to_itself(place: pathlib.Path) -> None:
    place.symlink_to(place)


def _link_within(place: pathlib.Path) -> None:
    _folder(place.parents[1] / "aside")
    place.mkdir()
    (place / "request.json").write_text(_MARK)
    (place / "checkpoints").symlink_to(place.parents[1] / "aside")


def _linked_mark(place: pathlib.Path) -> None:
    place.mkdir()
    (place.parents[1] / "aside.json").write_text(_MARK)
    (place / "request.json").symlink_to(place.parents[1] / "aside.json")


def _other_mark(place: pathlib.Path) -> None:
    place.mkdir()
    (place / "request.json").write_text('{"url": "mine"}')


def _broken_mark(place: pathlib.Path) -> None:
    place.mkdir()
    (place / "request.json").write_text('{"request')


def _copy_of_an_artifact(place: pathlib.Path) -> None:
    shutil.copytree(place.parents[0] / "examples", place)


_IN_THE_WAY = (
    _folder,
    _nested,
    _file,
    _link,
    _marked_link,
    _link_to_nothing,
    _link_to_itself,
    _link_within,
    _linked_mark,
    _other_mark,
    _broken_mark,
    _copy_of_an_artifact,
)


def _trials_of(command: str):
    for prepare in _IN_THE_WAY:
        name = f"{_MADE[command]}.partial"
        is_of_model = command in ("sample", "export")
        yield Trial(
            name=f"{command}: {name} is {prepare.__name__[1:].replace('_', ' ')}",
            command=command,
            args=("--out=run", *(() if is_of_model else _OF_EXAMPLES)),
            needs="model" if is_of_model else "examples",
            setup=lambda folder, name=name, prepare=prepare: prepare(
                folder / "run" / name
            ),
            says=(name,),
        )


def _replaced(prepare):
    """Returns a setup: samples there, and something where they would go."""

    def setup(folder: pathlib.Path) -> None:
        os.rename(folder / "run" / "model", folder / "run" / "old")
        shutil.copytree(folder / "run" / "old", folder / "run" / "model")
        prepare(folder / "run" / "model.replaced")

    return setup


TRIALS = (
    *(trial for command in _MADE for trial in _trials_of(command)),
    *(
        Trial(
            name=f"train --replace: model.replaced is {prepare.__name__[1:]}",
            command="train",
            args=("--out=run", "--examples=run/examples", "--replace", "--seed=1"),
            needs="model",
            setup=_replaced(prepare),
            says=("model.replaced", "in the way"),
        )
        for prepare in (_folder, _nested, _file, _link, _copy_of_an_artifact)
    ),
)
