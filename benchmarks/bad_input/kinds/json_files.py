"""JSON that is none, or whose fields are of another type, at every door for it."""

import json
import pathlib
import shutil

import numpy as np

from benchmarks.bad_input.trial import Trial

_TEXTS = {
    "cut": "{",
    "a list": "[]",
    "empty": "",
    "NaN": '{"names": NaN, "a": NaN}',
    "a number beyond float64": '{"a": 1e999}',
    "a key twice": '{"a": 1, "a": 2}',
    "brackets": "[" * 10**5,
    "a digit too many": '{"a": ' + "9" * 5000 + "}",
}
_GOOD_SEARCH = {
    "kind": "grid",
    "num_trials": None,
    "fields": {"train.num_updates": [1, 2]},
    "metrics": [],
}


def _search(name: str, text: str, *says: str) -> Trial:
    return Trial(
        name=f"search: {name}",
        command="sweep",
        args=("--preset=mnist", "--search=x.json", "--out=run"),
        setup=lambda folder: (folder / "x.json").write_text(text),
        says=("x.json", *says),
    )


def _preset(name: str, text: str, *says: str) -> Trial:
    return Trial(
        name=f"preset: {name}",
        command="train",
        args=("--preset=x.json", "--out=run"),
        setup=lambda folder: (folder / "x.json").write_text(text),
        says=("x.json", *says),
    )


def _recording(name: str, text: str, *says: str) -> Trial:
    def setup(folder: pathlib.Path) -> None:
        (folder / "data").mkdir()
        for part in ("train", "test"):
            rows = np.random.default_rng(0).random((8, 4, 2), np.float32)
            np.save(folder / "data" / f"{part}.npy", rows)
        (folder / "data" / "recording.json").write_text(text)

    return Trial(
        name=f"recording: {name}",
        command="ingest",
        args=("--preset=trajectory", "--data_dir=data", "--out=run"),
        setup=setup,
        says=("recording.json", *says),
    )


def _edited(file: str, **changes):
    """Returns a set-up that changes fields of a JSON file, or its text."""

    def setup(folder: pathlib.Path) -> None:
        path = folder / file
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return setup


def _lineage(name: str, setup, *says: str) -> Trial:
    return Trial(
        name=f"manifest: {name}",
        command="lineage",
        args=("--artifact=run/model",),
        needs="model",
        setup=setup,
        says=("manifest.json", *says),
    )


def _circle(folder: pathlib.Path) -> None:
    model = {"path": str(folder / "run" / "model"), "digest": "0"}
    _edited("run/examples/manifest.json", inputs={"model": model})(folder)
    examples = {"path": str(folder / "run" / "examples"), "digest": "0"}
    _edited("run/model/manifest.json", inputs={"examples": examples})(folder)


_MODEL = "run/model/manifest.json"


def _of_manifests():
    for name, changes, says in (
        ("another format", {"format": 99}, "format 99"),
        ("a format that is true", {"format": True}, "format"),
        ("no kind", {"kind": None}, "kind"),
        ("a kind that is a number", {"kind": 3}, "kind"),
        ("inputs that are a list", {"inputs": []}, "inputs"),
        ("an input that is text", {"inputs": {"examples": "x"}}, "inputs.examples"),
        ("an input without a digest", {"inputs": {"x": {"path": "x"}}}, "digest"),
        ("files that are a list", {"files": ["x"]}, "files"),
        ("a file outside", {"files": {"../../x": "0"}}, "files"),
        ("a seed beyond int64", {"seed": 2**64}, "seed"),
        ("a seed that is text", {"seed": "0"}, "seed"),
        ("details that are null", {"details": None}, "details"),
        ("notes that are text", {"notes": "x"}, "notes"),
        ("seconds that are text", {"spent": {"wall_s": "x"}}, "wall_s"),
        ("a seal that is a number", {"seal": 1}, "seal"),
    ):
        yield _lineage(name, _edited(_MODEL, **changes), says)
    for name, text in _TEXTS.items():
        yield _lineage(
            name, lambda folder, text=text: (folder / _MODEL).write_text(text)
        )
    yield Trial(
        name="manifest: two that were made from each other",
        command="lineage",
        args=("--artifact=run/model",),
        needs="model",
        setup=_circle,
        says=("made from itself", "run/examples"),
    )


def _of_requests():
    """Yields notes of unfinished work that are none."""

    def setup(folder: pathlib.Path, text: str) -> None:
        shutil.rmtree(folder / "run" / "model")
        (folder / "run" / "model.partial").mkdir()
        (folder / "run" / "model.partial" / "request.json").write_text(text)

    note = {"started": "x", "format": 2, "request": {}, "code": "x"}
    request = {"kind": "model", "config": {}, "seed": 0, "inputs": {}}
    for name, text in {
        **_TEXTS,
        "a request that is null": json.dumps(note | {"request": None}),
        "a request without a seed": json.dumps(note | {"request": {"kind": "model"}}),
        "settings that are text": json.dumps(
            note | {"request": request | {"config": "x"}}
        ),
        "another format": json.dumps(note | {"format": 3}),
    }.items():
        yield Trial(
            name=f"request: {name}",
            command="train",
            args=("--out=run",),
            needs="model",
            setup=lambda folder, text=text: setup(folder, text),
            says=("request.json",),
        )


TRIALS = (
    *(_search(name, text) for name, text in _TEXTS.items()),
    *(_preset(name, text) for name, text in _TEXTS.items()),
    *(_recording(name, text) for name, text in _TEXTS.items()),
    *(
        _search(
            f"{field} is {value!r}", json.dumps(_GOOD_SEARCH | {field: value}), field
        )
        for field, value in (
            ("kind", 1),
            ("num_trials", "x"),
            ("fields", [1]),
            ("fields", {"a": 1}),
            ("metrics", "x"),
            ("metrics", [1]),
            ("more", 1),
        )
    ),
    *(
        _recording(f"names are {value!r}", json.dumps({"names": value}), "names")
        for value in (None, 3, "ab", [1, 2], ["a"], {"a": 1})
    ),
    _recording(
        "an environment that is a number",
        '{"names": ["a", "b"], "environment": 3}',
        "environment",
    ),
    *_of_manifests(),
    *_of_requests(),
)
