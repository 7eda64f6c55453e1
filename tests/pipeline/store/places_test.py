"""Places of what was made from each other, after copies and moves."""

import pathlib

import pytest

from pipeline.store import artifacts, places


def make(path, seed=0):
    with artifacts.writing(str(path), "model", {}, {}, seed):
        pass
    return artifacts.peek(str(path), "model").digest


@pytest.mark.parametrize("tail", ["run", "base", "base/deep", "a/b/c"])
def test_a_tree_that_moved_is_followed_by_its_names(tmp_path, tail):
    digest = make(tmp_path / "now" / tail / "model")
    found = places.of_artifact(
        str(tmp_path / "now" / "run" / "samples"),
        f"/then/{tail}/model",
        digest,
    )
    assert found == str(tmp_path / "now" / tail / "model")


def test_an_artifact_is_not_made_from_itself(tmp_path):
    digest = make(tmp_path / "model", 1)
    gone = "/then/model"
    assert places.of_artifact(str(tmp_path / "model"), gone, "0" * 64) == gone
    assert places.of_artifact(str(tmp_path / "other"), gone, digest) != gone


@pytest.mark.parametrize("below", ["", "MNIST", "MNIST/raw"])
def test_a_raw_file_is_found_below_its_folder(tmp_path, below):
    path = tmp_path / "data" / below / "images[1].gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    folder = str(tmp_path / "run" / "examples")
    for data_dir in (str(tmp_path / "data"), "/then/data"):
        found = places.of_raw_file(folder, data_dir, "images[1].gz")
        assert pathlib.Path(found) == path
    assert places.of_raw_file(folder, "/then/x", "none") == "/then/x/none"
