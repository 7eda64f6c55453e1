"""Which folders below a folder of images are splits, and which are classes.

    DIR/cat  DIR/dog                     classes
    DIR/train/cat  DIR/Test/cat          splits, with classes below
    DIR/training/cat  DIR/valid/cat      likewise; a test set is drawn from train

What could be read in two ways is refused, with the settings that say which is meant.
"""

import os
from typing import NamedTuple

from ebm_tf.data import files

# Folders that mean a split, in small letters.
_SPLITS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
# What other programs leave beside images; so does what begins with a dot.
_NOT_OURS = ("__MACOSX", "@eaDir", "$RECYCLE.BIN", "System Volume Information")
_MAX_NAMED = 10


class Layout(NamedTuple):
    """What the folders are.

    Attributes:
        splits: "train", and "validation" and "test" where there are folders of them:
            the folder of each.
        class_names: Those of train, sorted.
    """

    splits: dict[str, str]
    class_names: list[str]


def find(data_dir: str, layout: str) -> Layout:
    """Returns what the folders below `data_dir` are.

    Args:
        data_dir: The folder.
        layout: "auto"; or "splits", where folders beside train, validation and test
            are left out; or "classes", where every folder is a class and all below
            belongs to it.

    Raises:
        ValueError: If there is no class, or no train beside another split, or one
            split twice, or validation or test have a class that train has not, or
            `layout` is "auto" and the folders may be read in two ways.
    """
    names = subfolders(data_dir)
    like_splits = [name for name in names if name.lower() in _SPLITS]
    if layout == "auto" and like_splits and len(like_splits) < len(names):
        others = [name for name in names if name not in like_splits]
        rule = "hold folders of splits or of classes, not both: say images.layout="
        rule += "classes if all are classes, images.layout=splits to leave out others"
        files.refuse(data_dir, rule, f"{some(like_splits)} beside {some(others)}")
    if layout == "classes" or (layout == "auto" and not like_splits):
        splits, class_names = {"train": data_dir}, _classes(data_dir)
    else:
        splits = _splits(data_dir, like_splits)
        class_names = _classes_of_splits(splits)
    if layout != "classes":
        if splits["train"] != data_dir:
            _require_no_split_below(data_dir)
        for folder in splits.values():
            _require_no_split_below(folder)
        _require_no_wrapper(splits["train"], class_names)
    return Layout(splits, class_names)


def subfolders(path: str) -> list[str]:
    """Returns the names of the folders in a folder, sorted, but those of programs."""
    try:
        names = sorted(filter(is_ours, os.listdir(path)))
    except OSError as error:
        files.refuse(path, "be a folder that can be read", error.strerror)
    return [name for name in names if os.path.isdir(os.path.join(path, name))]


def is_ours(name: str) -> bool:
    """Returns whether a file or folder of this name is the user's own, to be read."""
    return not name.startswith(".") and name not in _NOT_OURS


def some(names: list[str]) -> str:
    """Returns the first few of some names, and how many more there are."""
    text = ", ".join(names[:_MAX_NAMED])
    more = len(names) - _MAX_NAMED
    return f"{text} and {more} more" if more > 0 else text


def _splits(data_dir: str, names: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        split = _SPLITS[name.lower()]
        path = os.path.join(data_dir, name)
        if split in found:
            rule = f"hold one folder for the split {split}"
            files.refuse(data_dir, rule, f"{os.path.basename(found[split])}, {name}")
        found[split] = path
    if "train" not in found:
        rule = "hold a folder train beside its other splits (images.layout=classes "
        rule += "takes folders for classes, whatever their names)"
        files.refuse(data_dir, rule, some(names) or "no folder of a split")
    return {
        name: found[name] for name in ("train", "validation", "test") if name in found
    }


def _classes_of_splits(splits: dict[str, str]) -> list[str]:
    class_names = _classes(splits["train"])
    for path in splits.values():
        new = sorted(set(_classes(path)) - set(class_names))
        if new:
            files.refuse(path, "have the classes of train", some(new))
    return class_names


def _classes(path: str) -> list[str]:
    names = subfolders(path)
    if not names:
        num = sum(is_ours(name) for name in os.listdir(path))
        got = f"no folder, {num} files" if num else "no folder"
        files.refuse(path, "hold a folder for each class", got)
    for name in names:
        try:
            name.encode("utf-8")
        except UnicodeEncodeError:
            rule = "hold folders whose names are UTF-8"
            files.refuse(path, rule, os.fsencode(name))
    return names


def _require_no_split_below(folder: str) -> None:
    """`cat/train` beside `cat/test` is the layout with its two levels exchanged."""
    for name in subfolders(folder):
        path = os.path.join(folder, name)
        below = [each for each in subfolders(path) if each.lower() in _SPLITS]
        if below:
            _refuse_two_ways(path, f"the folders {some(below)} in it")


def _require_no_wrapper(folder: str, class_names: list[str]) -> None:
    """A single class that holds no image, but folders, holds the classes itself."""
    if len(class_names) == 1:
        path = os.path.join(folder, class_names[0])
        below = subfolders(path)
        has_files = set(filter(is_ours, os.listdir(path))) - set(below)
        if len(below) > 1 and not has_files:
            _refuse_two_ways(path, f"the only class, with the folders {some(below)}")


def _refuse_two_ways(path: str, received: str) -> None:
    rule = "be the folder of a class: name the folder above the splits or classes with "
    rule += "--data_dir, or say images.layout=classes if all below is of one class"
    files.refuse(path, rule, received)
