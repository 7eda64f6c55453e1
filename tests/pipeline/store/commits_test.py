"""Folders on their way to their name, and what a kill on that way leaves."""

import itertools
import json
import os
import pathlib
import shutil
import signal
import sys

import pytest

from ebm_tf import checks
from pipeline.store import artifacts, commits, manifests, replacement, unfinished

CODE = {"choices": {}, "imports": {}, "code": "cd"}
REQUEST = manifests.request("things", {}, {}, 0)


def test_files_of_the_store_are_not_the_artifacts_own(tmp_path):
    (tmp_path / "sub").mkdir()
    own = "manifest.json", "request.json", "manifest.json.new", "progress.json"
    (tmp_path / "parts").mkdir()
    for name in ("a", "sub/b", *own, "parts/c.npz"):
        (tmp_path / name).write_text(name)
    found = commits.files_in(str(tmp_path))
    assert found == {"a": tmp_path / "a", "sub/b": tmp_path / "sub" / "b"}


def test_what_was_there_is_replaced_when_the_new_one_is_whole(tmp_path):
    path, seal = tmp_path / "a", None
    for content in ("old", "new"):
        partial = tmp_path / "a.partial"
        partial.mkdir()
        (partial / "x").write_text(content)
        scratch = commits.Scratch(folder=str(partial))
        scratch.details["n"] = 1
        scratch.notes["m"] = 2
        scratch.shown_files.append("*.png")
        begun = unfinished.begin(CODE)
        commits.commit(scratch, str(path), REQUEST, {}, begun, seal)
        seal = json.loads((path / "manifest.json").read_text())["seal"]
    assert (path / "x").read_text() == "new"
    assert os.listdir(tmp_path) == ["a"]
    manifest = json.loads((path / "manifest.json").read_text())
    assert (manifest["details"], manifest["notes"]) == ({"n": 1}, {"m": 2})
    assert manifest["shown_files"] == ["*.png"]
    assert artifacts.load(str(path), "things").manifest == manifest


def write(path, text, resumes):
    """Makes an artifact as a stage does, in place of one with another text."""
    make = artifacts.resuming if resumes else artifacts.writing
    with make(str(path), "things", {"text": text}, {}, 0) as scratch:
        for name in ("x", "y"):
            pathlib.Path(scratch.folder, name).write_text(text)
        if resumes:
            pathlib.Path(scratch.folder, "parts").mkdir(exist_ok=True)
            pathlib.Path(scratch.folder, "parts", "z.npz").write_text(text)


def is_step(event, args) -> bool:
    """Whether an event, as Python's audit names it, changes a folder."""
    if event == "open":
        return bool(args[2] & (os.O_WRONLY | os.O_RDWR))
    return event in ("os.rename", "os.remove", "os.rmdir", "os.mkdir")


def killed_at(step, action) -> bool:
    """Does something in a process that is killed before a step; whether it was."""
    child = os.fork()
    if child == 0:
        count = itertools.count()

        def kill(event, args):
            if is_step(event, args) and next(count) == step:
                os.kill(os.getpid(), signal.SIGKILL)

        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.addaudithook(kill)
        try:
            action()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def replace(path, resumes):
    with replacement.on():
        write(path, "new", resumes)


@pytest.mark.parametrize("resumes", [False, True])
def test_a_kill_at_any_step_of_a_replacement_is_finished_or_undone(tmp_path, resumes):
    old, seen = tmp_path / "old", set()
    write(old, "old", resumes)
    for step in itertools.count():
        run = tmp_path / f"run{step}"
        shutil.copytree(old, run / "a")
        path = str(run / "a")
        was_killed = killed_at(step, lambda path=path: replace(path, resumes))
        found = artifacts.load(path, "things")  # the next command: it finds a whole one
        text = found.config["text"]
        assert {pathlib.Path(path, name).read_text() for name in "xy"} == {text}
        seen.add((was_killed, text))
        replace(path, resumes)  # and the one after that makes what it is asked for
        assert artifacts.load(path, "things").config["text"] == "new"
        assert os.listdir(run) == ["a"]
        assert sorted(os.listdir(path)) == ["manifest.json", "x", "y"]
        shutil.rmtree(run)
        if not was_killed:
            break
    assert seen == {(True, "old"), (True, "new"), (False, "new")} and step > 10


def test_work_that_was_ready_gets_its_name_though_nothing_was_there(tmp_path):
    names = set()
    for step in itertools.count():
        run = tmp_path / f"run{step}"
        run.mkdir()
        path = str(run / "a")
        was_killed = killed_at(step, lambda path=path: write(path, "new", True))
        ready = (run / "a.partial" / "manifest.json").exists()
        if ready:
            artifacts.load(path, "things")
        else:
            artifacts.find(path, "things", {"text": "new"}, {}, 0)
        names.add((ready, *sorted(os.listdir(run))))
        if not was_killed:
            break
    assert (True, "a") in names and (False, "a.partial") in names


def test_a_folder_of_the_user_is_no_replaced_one(tmp_path):
    path = tmp_path / "a"
    write(path, "old", False)
    shutil.copytree(path, tmp_path / "a.replaced")  # a copy that the user made
    with pytest.raises(checks.InvalidValueError, match="a.replaced is in the way"):
        replace(path, False)
    commits.settle(str(path))
    assert artifacts.load(str(path), "things").config["text"] == "old"
    assert sorted(os.listdir(tmp_path)) == ["a", "a.replaced"]
    path.rename(tmp_path / "b")
    with pytest.raises(checks.MissingFileError):
        artifacts.load(str(path), "things")
    assert sorted(os.listdir(tmp_path)) == ["a.replaced", "b"]


def test_what_came_meanwhile_is_not_replaced(tmp_path):
    path = tmp_path / "a"
    writing = artifacts.writing(str(path), "things", {"text": "new"}, {}, 0)
    with pytest.raises(checks.InvalidValueError, match="is another by now"), writing:
        path.mkdir()
        (path / "mine").write_text("mine")
    assert (path / "mine").read_text() == "mine"
