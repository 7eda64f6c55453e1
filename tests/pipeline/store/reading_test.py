"""What is read is what was compared with its digest, whoever writes meanwhile."""

import multiprocessing
import os
import pathlib
import shutil

import pytest

from ebm_tf import checks
from pipeline.store import artifacts, parts, reading, replacement


def make(path, text):
    with artifacts.writing(str(path), "things", {"text": text}, {}, 0) as scratch:
        for name in ("x", "ckpt-1.index"):
            pathlib.Path(scratch.folder, name).write_text(text)
    return artifacts.peek(str(path), "things")


def read(artifact):
    return pathlib.Path(artifact.path, "x").read_text()


def rewrite(path):
    (path / "x").write_text("new")


def rename_over(path):
    (path / "x.new").write_text("new")
    os.rename(path / "x.new", path / "x")


def keep_size_and_time(path):
    before = os.stat(path / "x")
    (path / "x").write_text("odd")
    os.utime(path / "x", ns=(before.st_atime_ns, before.st_mtime_ns))


def swap_folder(path):
    path.rename(path.with_name("aside"))
    make(path, "new")


def remove_file(path):
    (path / "x").unlink()


def remove_folder(path):
    shutil.rmtree(path)


def change_manifest(path):
    note = path / "manifest.json"
    note.write_text(note.read_text().replace('"seed": 0', '"seed": 1'))


CHANGES = [
    rewrite,
    rename_over,
    keep_size_and_time,
    swap_folder,
    remove_file,
    remove_folder,
    change_manifest,
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_between_the_look_and_the_digest_is_found(tmp_path, change):
    made = make(tmp_path / "a", "old")
    change(tmp_path / "a")
    with pytest.raises((checks.InputError, OSError)), reading.held({"it": made}):
        raise AssertionError("it was read")


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_while_it_is_read_is_found(tmp_path, change):
    made = make(tmp_path / "a", "old")
    with reading.held({"it": made}) as inputs:
        inputs.require_unchanged()
        change(tmp_path / "a")
        with pytest.raises(reading.InputChanged, match="changed while") as caught:
            inputs.require_unchanged()
    assert caught.value.name == "it"


def touch(path):
    (path / "x").touch()


def copy_over(path):
    shutil.copy(path / "x", path / "y")
    os.rename(path / "y", path / "x")


@pytest.mark.parametrize("change", [touch, copy_over])
def test_the_same_bytes_are_no_change(tmp_path, change):
    made = make(tmp_path / "a", "old")
    with reading.held({"it": made}) as inputs:
        change(tmp_path / "a")
        inputs.require_unchanged()


def test_files_of_a_part_that_the_manifest_does_not_know_are_seen_too(tmp_path):
    made = make(tmp_path / "a", "old")
    loose = tmp_path / "a" / "ckpt-1.data"
    loose.write_text("old")
    part = parts.of(made, "ckpt-1.*", "it")
    with reading.held({"part": part}) as inputs:
        loose.write_text("new")
        with pytest.raises(reading.InputChanged, match="ckpt-1.data"):
            inputs.require_unchanged()
    again = reading.held({"part": part})
    with pytest.raises(checks.InvalidValueError, match="was changed meanwhile"), again:
        raise AssertionError("it was read")


def replace(path, begin=None):
    if begin is not None:
        begin.wait()
    with replacement.on():
        make(path, "new")


def test_another_process_replaces_what_is_read_only_when_it_is_read(tmp_path):
    made = make(tmp_path / "a", "old")
    fork = multiprocessing.get_context("fork")
    begin = fork.Event()
    process = fork.Process(target=replace, args=[tmp_path / "a", begin])
    process.start()  # before: a child has the locks of its parent
    with reading.held({"it": made}) as inputs:
        begin.set()
        ready = tmp_path / "a.partial" / "manifest.json"
        while not ready.exists():
            assert process.is_alive()
        assert read(made) == "old"
        inputs.require_unchanged()
    process.join()
    assert process.exitcode == 0 and read(made) == "new"
    assert os.listdir(tmp_path) == ["a"]


def test_a_process_does_not_wait_for_itself(tmp_path):
    made = make(tmp_path / "a", "old")
    with reading.held({"it": made}), pytest.raises(checks.InvalidValueError) as caught:
        replace(tmp_path / "a")
    assert "is read by this very command" in str(caught.value)
    with reading.held({"it": made}):
        assert (
            read(artifacts.peek(made.path, "things")) == "old"
        )  # as long as it is read
    assert read(artifacts.load(made.path, "things")) == "new"  # it was ready
