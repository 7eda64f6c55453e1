"""Folders as people have them: which are splits, which are classes; what is asked."""

import pytest

from ebm_tf.data import folder_layout


def make(root, *names):
    for name in names:
        path = root / name
        path.mkdir(parents=True, exist_ok=True)
        (path / "1.png").write_bytes(b"")
    return str(root)


def found(root, layout="auto"):
    layout = folder_layout.find(str(root), layout)
    return {name: path.rpartition("/")[2] for name, path in layout.splits.items()}


@pytest.mark.parametrize(
    "names, splits",
    [
        (("train", "test"), {"train": "train", "test": "test"}),
        (("Train", "TEST"), {"train": "Train", "test": "TEST"}),
        (
            ("train", "val", "test"),
            {"train": "train", "validation": "val", "test": "test"},
        ),
        (
            ("training", "Valid", "testing"),
            {"train": "training", "validation": "Valid", "test": "testing"},
        ),
        (("train", "validation"), {"train": "train", "validation": "validation"}),
        (("train",), {"train": "train"}),
    ],
)
def test_splits_in_any_case(tmp_path, names, splits):
    make(tmp_path, *(f"{name}/{kind}" for name in names for kind in ("cat", "dog")))
    make(tmp_path, ".git/cat", "__MACOSX/train/cat")
    assert found(tmp_path) == splits
    assert folder_layout.find(str(tmp_path), "auto").class_names == ["cat", "dog"]


def test_classes_of_any_name(tmp_path):
    make(tmp_path, "cat/persian", "dog", "trains")
    assert found(tmp_path) == {"train": tmp_path.name}
    assert folder_layout.find(str(tmp_path), "auto").class_names == [
        "cat",
        "dog",
        "trains",
    ]


def test_splits_beside_classes_are_asked_about(tmp_path):
    make(tmp_path, "train/cat", "train/dog", "test/cat", "bus/1")
    with pytest.raises(ValueError) as caught:
        found(tmp_path)
    told = str(caught.value)
    assert "images.layout=classes" in told and "images.layout=splits" in told
    assert told.endswith("Received: test, train beside bus")
    assert found(tmp_path, "splits") == {"train": "train", "test": "test"}
    found(tmp_path, "classes")
    names = folder_layout.find(str(tmp_path), "classes").class_names
    assert names == ["bus", "test", "train"]


@pytest.mark.parametrize(
    "names, layout, text",
    [
        (["test/cat", "val/cat"], "auto", "a folder train beside its other splits"),
        (["cat", "dog"], "splits", "a folder train .* Received: no folder of a split"),
        (["train/a", "Train/a"], "auto", "one folder for the split train. Received: T"),
        (["train/a", "val/a", "valid/a"], "auto", "split validation. Received: val, v"),
        (["train/a", "test/a", "test/b"], "auto", "classes of train. Received: b"),
        (["train/a", "val/b"], "auto", "val` must have the classes of train"),
        (["train", "test"], "auto", "train` must hold a folder for each class.*1 file"),
        (["cat/train", "cat/test", "dog/train"], "auto", "the folders test, train in"),
        (["data/train/cat", "data/test/cat"], "auto", "data` must be the folder of a"),
        (["train/train/cat"], "auto", "the folders train in it"),
        (["data/cat", "data/dog"], "auto", "the only class, with the folders cat, dog"),
        ([], "auto", "a folder for each class. Received: no folder$"),
        ([".hidden/cat", "__MACOSX/cat"], "auto", "a folder for each class"),
    ],
)
def test_what_can_be_read_in_two_ways_or_in_none_is_refused(
    tmp_path, names, layout, text
):
    make(tmp_path, *names)
    if names == ["data/cat", "data/dog"]:
        (tmp_path / "data").joinpath("1.png").unlink(missing_ok=True)
    with pytest.raises(ValueError, match=text):
        found(tmp_path, layout)


def test_a_class_with_folders_below_may_be_said_to_be_one(tmp_path):
    make(tmp_path, "data/cat", "data/dog")
    assert folder_layout.find(str(tmp_path), "classes").class_names == ["data"]
    make(tmp_path, "data")  # an image of its own: nothing to ask
    assert folder_layout.find(str(tmp_path), "auto").class_names == ["data"]


def test_a_file_is_no_folder_and_a_name_must_be_text(tmp_path):
    path = tmp_path / "file"
    path.write_text("x")
    with pytest.raises(ValueError, match="file` must be a folder that can be read"):
        found(path)
    make(tmp_path, "caf\udce9")
    with pytest.raises(ValueError, match="names are UTF-8"):
        found(tmp_path)
