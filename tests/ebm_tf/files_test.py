"""Small promises of files: whole text, what counts as taken."""

import os

import pytest

from ebm_tf import files


def test_text_replaces_text_and_leaves_no_other_file(tmp_path):
    path = tmp_path / "a.txt"
    files.write_text(path, "old")
    files.write_text(path, "new")
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_sha256_of_nothing(tmp_path):
    path = tmp_path / "empty"
    path.touch()
    assert files.sha256(path) == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


def test_commit_takes_the_place_of_an_empty_folder_only(tmp_path):
    new, old = tmp_path / "new", tmp_path / "old"
    new.mkdir()
    (new / "a").touch()
    old.mkdir()
    files.commit(str(new), str(old))
    assert os.listdir(tmp_path) == ["old"] and os.listdir(old) == ["a"]
    new.mkdir()
    with pytest.raises(OSError):
        files.commit(str(new), str(old))
    assert os.listdir(old) == ["a"]


def test_taken_is_anything_but_an_empty_folder(tmp_path):
    assert not files.is_taken(str(tmp_path))
    assert not files.is_taken(str(tmp_path / "none"))
    (tmp_path / "a").touch()
    assert files.is_taken(str(tmp_path))
    assert files.is_taken(str(tmp_path / "a"))
    (tmp_path / "link").symlink_to(tmp_path / "none")
    assert files.is_taken(str(tmp_path / "link"))


def test_remove_does_not_follow_links(tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (tmp_path / "link").symlink_to(kept)
    files.remove(str(tmp_path / "link"))
    assert os.listdir(tmp_path) == ["kept"]
    files.remove(str(kept))
    assert os.listdir(tmp_path) == []
