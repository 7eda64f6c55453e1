"""Manifests and notes of unfinished work whose fields are of another type."""

import json

import pytest

from ebm_tf import checks
from pipeline.store import manifest_files

GOOD = {
    "format": 2,
    "kind": "model",
    "config": {"train": {"seed": 1}},
    "seed": 2**62 - 1,
    "shown": [],
    "inputs": {"examples": {"path": "/x", "digest": "ab", "files": "a*"}},
    "details": {"shape": [2]},
    "files": {"a/b.npy": "cd"},
    "shown_files": ["*.png"],
    "digest": "ef",
    "notes": {"origin": "somewhere", "data_dir": None, "checksums": {"a": "b"}},
    "code": "01",
    "choices": {"energy": "m"},
    "imports": {},
    "versions": {"python": "3"},
    "device": {"cores": 2},
    "spent": {"wall_s": 1, "cpu_s": 0.5},
    "started": "now",
    "created": "then",
    "seal": "23",
    "later": "what a later version adds",
}
ASKED = {"kind": "model", "config": {}, "seed": 1, "inputs": {"a": "b"}, "shown": []}
NOTE = {
    "format": 2,
    "started": "now",
    "request": ASKED,
    "code": "01",
    "spent": {"wall_s": 1.0, "peak_mib": 3},
}
OTHERS = (None, True, 1, 1.5, "x", [1], {"x": 1}, [[]], {"x": None})


def save(folder, data, name="manifest.json"):
    path = folder / name
    path.write_text(json.dumps(data))
    return path


def test_what_is_written_is_read(tmp_path):
    save(tmp_path, GOOD)
    assert manifest_files.read(str(tmp_path)) == GOOD
    path = save(tmp_path, NOTE, "request.json")
    assert manifest_files.read_request(str(path)) == NOTE
    old = {"started": "now", "request": ASKED}
    path = save(tmp_path, old, "request.json")
    assert manifest_files.read_request(str(path)) == old


def _fits(value, like) -> bool:
    """Returns whether a value is of the type of one that is right."""
    if isinstance(like, dict) and isinstance(value, dict):
        return True  # what is in it is another test
    return type(value) is type(like) and not isinstance(like, list)


@pytest.mark.parametrize("name", [n for n in GOOD if n != "later"])
def test_a_field_of_another_type_is_one_line_that_names_it(tmp_path, name):
    optional = ("code", "versions", "device", "spent", "started", "created", "notes")
    for value in OTHERS:
        if _fits(value, GOOD[name]) or (value is None and name in optional):
            continue
        path = save(tmp_path, GOOD | {name: value})
        with pytest.raises(checks.InputError) as caught:
            manifest_files.read(str(tmp_path))
        text = str(caught.value)
        assert text.startswith(str(path)) and name in text and "\n" not in text


@pytest.mark.parametrize(
    "changes, text",
    [
        ({"inputs": {"a": "b"}}, "`inputs.a` must be a JSON object"),
        ({"inputs": {"a": {"path": "x"}}}, "`inputs.a` lacks the field `digest`"),
        (
            {"inputs": {"a": {"path": 1, "digest": "x"}}},
            "`inputs.a.path` must be a str",
        ),
        ({"files": {"a": 1}}, "`files.a` must be a string"),
        ({"files": {"../a": "x"}}, "`files` must be below the artifact"),
        ({"files": {"/etc/passwd": "x"}}, "`files` must be below the artifact"),
        ({"seed": 2**63}, "`seed` must be at most"),
        ({"spent": {"wall_s": "long"}}, "`spent.wall_s` must be a number"),
        ({"notes": {"checksums": {"a": 1}}}, "`notes.checksums.a` must be a string"),
        ({"notes": {"evaluation": {"path": "x"}}}, "lacks the field `digest`"),
        ({"shown": [1]}, "`shown` must be a string"),
    ],
)
def test_what_is_in_a_field_is_looked_at(tmp_path, changes, text):
    save(tmp_path, GOOD | changes)
    with pytest.raises(checks.InputError) as caught:
        manifest_files.read(str(tmp_path))
    assert text in str(caught.value)


@pytest.mark.parametrize("name", [*NOTE, *ASKED])
def test_notes_of_unfinished_work_too(tmp_path, name):
    for value in (True, 1.5, [[1]]):
        inner = ASKED | ({name: value} if name in ASKED else {})
        note = NOTE | {"request": inner} | ({name: value} if name in NOTE else {})
        path = save(tmp_path, note, "request.json")
        with pytest.raises(checks.InputError, match=name):
            manifest_files.read_request(str(path))
