"""Files of the user's as inputs: held while they are read, found by their digest."""

import os

import pytest

from ebm_tf import files
from pipeline.store import places, reading, single_files


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "mine.keras"
    path.write_bytes(b"weights")
    return single_files.of(str(path), "the network")


def test_a_file_is_known_by_its_content(source, tmp_path):
    assert source.digest == files.sha256(source.path)
    assert source.place == {"path": os.path.abspath(source.path)}
    with pytest.raises(FileNotFoundError, match="the network"):
        single_files.of(str(tmp_path / "no.keras"), "the network")
    with pytest.raises(ValueError, match="a regular file"):
        single_files.of(str(tmp_path), "the network")


def test_what_is_read_is_what_was_digested(source):
    with reading.held({"init": source}) as inputs:
        inputs.require_unchanged()
        with open(source.path, "wb") as file:
            file.write(b"others!")
        with pytest.raises(reading.InputChanged) as caught:
            inputs.require_unchanged()
        assert caught.value.name == "init"
    with (
        pytest.raises(ValueError, match="was changed meanwhile"),
        reading.held({"init": source}),
    ):
        pass


def test_a_file_that_was_moved_with_the_run_is_found(source, tmp_path):
    there = tmp_path / "copy"
    there.mkdir()
    os.rename(source.path, there / "mine.keras")
    model = str(there / "model")
    found = places.of_artifact(model, source.path, source.digest)
    assert found == str(there / "mine.keras")
    assert places.of_artifact(model, source.path, "another") == source.path
