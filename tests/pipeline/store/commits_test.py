"""Folders on their way to their name."""

import json
import os

from pipeline.store import artifacts, commits, manifests, unfinished

CODE = {"choices": {}, "imports": {}, "code": "cd"}
REQUEST = manifests.request("things", {}, {}, 0)


def test_files_of_the_store_are_not_the_artifacts_own(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("a", "sub/b", "manifest.json", "request.json", "manifest.json.new"):
        (tmp_path / name).write_text(name)
    found = commits.files_in(str(tmp_path))
    assert found == {"a": tmp_path / "a", "sub/b": tmp_path / "sub" / "b"}


def test_what_was_there_is_replaced_when_the_new_one_is_whole(tmp_path):
    path = tmp_path / "a"
    for content in ("old", "new"):
        partial = tmp_path / "a.partial"
        partial.mkdir()
        (partial / "x").write_text(content)
        scratch = commits.Scratch(folder=str(partial))
        scratch.details["n"] = 1
        scratch.notes["m"] = 2
        scratch.shown_files.append("*.png")
        commits.commit(scratch, str(path), REQUEST, {}, unfinished.begin(CODE))
    assert (path / "x").read_text() == "new"
    assert os.listdir(tmp_path) == ["a"]
    manifest = json.loads((path / "manifest.json").read_text())
    assert (manifest["details"], manifest["notes"]) == ({"n": 1}, {"m": 2})
    assert manifest["shown_files"] == ["*.png"]
    assert artifacts.load(str(path), "things").manifest == manifest
