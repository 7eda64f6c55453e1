"""Small promises of files: whole text, what counts as taken."""

import errno
import os
import resource

import numpy as np
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


def test_rename_takes_the_place_of_an_empty_folder_only(tmp_path):
    new, old = tmp_path / "new", tmp_path / "old"
    new.mkdir()
    (new / "a").touch()
    old.mkdir()
    files.sync_tree(str(new))
    files.rename(str(new), str(old))
    assert os.listdir(tmp_path) == ["old"] and os.listdir(old) == ["a"]
    new.mkdir()
    with pytest.raises(OSError):
        files.rename(str(new), str(old))
    assert os.listdir(old) == ["a"]


def test_text_is_not_written_through_a_link(tmp_path):
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "a.txt.new").symlink_to(tmp_path / "mine")
    with pytest.raises(OSError):
        files.write_text(tmp_path / "a.txt", "new")
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_state_is_another_after_a_write_and_for_another_file(tmp_path):
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_text("one")
    digest, state = files.sha256_and_state(path)
    assert digest == files.sha256(path) and state == files.state(path)
    other.write_text("one")
    assert files.state(other) != state
    path.write_text("three")
    assert files.state(path) != state


def test_folders_that_were_made_go_again_unless_something_is_in_them(tmp_path):
    deep = tmp_path / "a" / "b" / "c"
    for kept in (False, True):
        with pytest.raises(ZeroDivisionError), files.making(str(deep)):
            if kept:
                (tmp_path / "a" / "mine").touch()
            raise ZeroDivisionError
        assert os.listdir(tmp_path) == (["a"] if kept else [])
    assert os.listdir(tmp_path / "a") == ["mine"]
    with files.making(str(deep)):
        pass
    with pytest.raises(ZeroDivisionError), files.making(str(deep)):
        raise ZeroDivisionError
    assert deep.is_dir()  # it was there before


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("is_new", [False, True])
def test_what_a_block_made_is_taken_back_and_nothing_else(tmp_path, is_new, keep):
    logs = tmp_path / "logs"
    if not is_new:
        (logs / "train").mkdir(parents=True)
        (logs / "train" / "old.txt").touch()
    before = sorted(tmp_path.rglob("*"))
    block = files.taken_back(str(logs), ["*.txt", "train", "train/*"], lambda: keep)
    with pytest.raises(ZeroDivisionError), block:
        (logs / "train").mkdir(parents=True, exist_ok=True)
        (logs / "a.txt").touch()
        (logs / "train" / "b.txt").touch()
        raise ZeroDivisionError
    if keep:
        assert (logs / "a.txt").exists() and (logs / "train" / "b.txt").exists()
    else:
        assert sorted(tmp_path.rglob("*")) == before


def test_what_others_made_meanwhile_is_not_taken_back(tmp_path):
    logs = tmp_path / "logs"
    block = files.taken_back(str(logs), ["train"], lambda: False)
    with pytest.raises(ZeroDivisionError), block:
        (logs / "train").mkdir(parents=True)
        (logs / "sample").mkdir()
        raise ZeroDivisionError
    assert os.listdir(logs) == ["sample"]


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


def test_a_full_disk_names_the_file_and_leaves_nothing(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    path = tmp_path / "a.json"
    with pytest.raises(OSError) as caught:
        files.write_text(path, "text")
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(path))
    assert os.listdir(tmp_path) == []


def test_an_error_of_the_system_has_the_path(tmp_path):
    with pytest.raises(OSError, match="/a/file") as caught, files.naming("/a/file"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert caught.value.filename == "/a/file"
    with pytest.raises(OSError, match="/b"), files.naming("/a/file"):
        raise OSError(errno.ENOSPC, "full", "/b")


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError("300000 requested and 20352 written"),
        RuntimeError("{{function_node SaveV2}} /x/part-0; No space left on device"),
    ],
)
def test_a_full_disk_is_one_error_whoever_meets_it(error):
    with pytest.raises(OSError) as caught, files.naming("/a/run"):
        raise error
    assert str(caught.value) == "[Errno 28] No space left on device: '/a/run'"


def test_what_is_no_full_disk_stays_what_it_is():
    for error in (ValueError("no"), OSError("no"), FileNotFoundError(2, "no", "/b")):
        with pytest.raises(type(error)) as caught, files.naming("/a/run"):
            raise error
        assert caught.value is error


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype=np.uint8).reshape(2, 3),
        np.asfortranarray(np.arange(6.0, dtype=np.float32).reshape(2, 3)),
        np.array(3.5),
        np.zeros([0, 4], np.int32),
        np.array([True, False]),
    ],
    ids=["bytes", "by columns", "one number", "none", "truth"],
)
def test_an_array_is_what_numpy_reads(tmp_path, array):
    files.write_array(tmp_path / "x.npy", array)
    found = np.load(tmp_path / "x.npy", allow_pickle=False)
    np.testing.assert_array_equal(found, array)
    assert (found.dtype, found.shape) == (array.dtype, array.shape)


@pytest.mark.parametrize("size", [300, 5_000, 200_000])
def test_no_room_for_an_array_is_told_however_small_it_is(tmp_path, size):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (256, limits[1]))
    try:
        with pytest.raises(OSError) as caught:
            files.write_array(tmp_path / "x.npy", np.zeros(size, np.uint8))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.filename == str(tmp_path / "x.npy")
