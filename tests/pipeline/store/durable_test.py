"""Small promises of files: whole text, locks, what counts as taken."""

import os

import pytest

from ebm_tf import checks
from pipeline.store import durable


def test_text_replaces_text_and_leaves_no_other_file(tmp_path):
    path = tmp_path / "a.txt"
    durable.write_text(path, "old")
    durable.write_text(path, "new")
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_file_digest_is_sha256(tmp_path):
    path = tmp_path / "empty"
    path.touch()
    assert durable.file_digest(path) == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


def test_commit_takes_the_place_of_an_empty_folder_only(tmp_path):
    new, old = tmp_path / "new", tmp_path / "old"
    new.mkdir()
    (new / "a").touch()
    old.mkdir()
    durable.commit(str(new), str(old))
    assert os.listdir(tmp_path) == ["old"] and os.listdir(old) == ["a"]
    new.mkdir()
    with pytest.raises(OSError):
        durable.commit(str(new), str(old))
    assert os.listdir(old) == ["a"]


def test_a_folder_is_held_once_and_given_back(tmp_path):
    folder = str(tmp_path)
    with durable.locked(folder, "it"):
        again = durable.locked(folder, "it")
        with pytest.raises(checks.InvalidValueError, match="another process"), again:
            raise AssertionError("held twice")
    with durable.locked(folder, "it"):
        pass


def test_taken_is_anything_but_an_empty_folder(tmp_path):
    assert not durable.is_taken(str(tmp_path))
    assert not durable.is_taken(str(tmp_path / "none"))
    (tmp_path / "a").touch()
    assert durable.is_taken(str(tmp_path))
    assert durable.is_taken(str(tmp_path / "a"))
    (tmp_path / "link").symlink_to(tmp_path / "none")
    assert durable.is_taken(str(tmp_path / "link"))


def test_remove_does_not_follow_links(tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (tmp_path / "link").symlink_to(kept)
    durable.remove(str(tmp_path / "link"))
    assert os.listdir(tmp_path) == ["kept"]
    durable.remove(str(kept))
    assert os.listdir(tmp_path) == []
