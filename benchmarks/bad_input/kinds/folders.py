"""Folders of images as people have them: layouts, other files, links, sizes."""

import os
import pathlib
import shutil

import numpy as np

from benchmarks.bad_input import image_files
from benchmarks.bad_input.trial import Trial


def _classes(*names: str, num: int = 12):
    return lambda folder: image_files.classes(folder / "data", *names, num=num)


def _refused(name: str, setup, *says: str, settings=(), out: str = "run") -> Trial:
    return Trial(
        name=name,
        command="ingest",
        args=image_files.ingest(*settings, out=out),
        setup=setup,
        says=says,
    )


def _works(name: str, setup, *settings: str) -> Trial:
    return Trial(
        name=f"works: {name}",
        command="ingest",
        args=image_files.ingest(*settings),
        setup=setup,
        exit_code=0,
        may_change=True,
    )


def _after(act, *names: str):
    """Returns a setup of two classes, to which something is done."""

    def setup(folder: pathlib.Path) -> None:
        image_files.classes(folder / "data", *(names or ("cat", "dog")))
        act(folder / "data")

    return setup


def _link_out(data: pathlib.Path) -> None:
    image_files.fill(data.parent / "outside", 2)
    (data / "cat" / "x").symlink_to(data.parent / "outside")


def _loop(data: pathlib.Path) -> None:
    (data / "cat" / "x.png").symlink_to("x.png")


def _hidden(data: pathlib.Path) -> None:
    names = (".ipynb_checkpoints", "__MACOSX", "cat/.thumbs", "dog/@eaDir")
    for name in names:
        shutil.copytree(data / "cat", data / name, dirs_exist_ok=True)
    (data / "cat" / "._0.png").write_bytes(b"\0\5\26\7")
    (data / ".DS_Store").write_bytes(b"\0")


def _others(data: pathlib.Path) -> None:
    for name in ("cat/notes.txt", "dog/Thumbs.db", "dog/film.mpg", "labels.csv"):
        (data / name).write_text("no image")


def _endings(data: pathlib.Path) -> None:
    gray, colour = ("pgm", "pbm"), ("jfif", "jp2", "avif", "tga", "qoi", "webp", "BMP")
    for number, ending in enumerate(gray + colour):
        path = data / "cat" / f"more{number}.{ending}"
        array = image_files.picture(70 + number)
        image_files.save(path, array[..., 0] if ending in gray else array)


def _cut(data: pathlib.Path) -> None:
    path = data / "cat" / "0.png"
    path.write_bytes(path.read_bytes()[:40])


def _not_square(data: pathlib.Path) -> None:
    for number in range(4):
        wide = np.tile(image_files.picture(90 + number), [1, 2, 1])
        image_files.save(data / "cat" / f"wide{number}.png", wide)


def _one_file(folder: pathlib.Path) -> None:
    image_files.save(folder / "data.png", image_files.picture(0))
    (folder / "data.png").rename(folder / "data")


def _of_train(name: str, *says: str, settings=(), out: str = "run") -> Trial:
    """What `ingest` refuses for `train` leaves nothing behind."""
    return Trial(
        name=f"train: {name}",
        command="train",
        args=image_files.ingest(*settings, out=out),
        setup=_classes("a", "b"),
        says=says,
    )


TRIALS = (
    _refused("nothing in it", lambda f: (f / "data").mkdir(), "folder for each class"),
    _refused("no folder", lambda f: None, "does not exist"),
    _refused("a file", _one_file, "must be a folder that can be read"),
    _refused("images without a class", _classes("."), "class", "12 files"),
    _refused(
        "a class without images",
        lambda folder: (folder / "data" / "a").mkdir(parents=True),
        "in the folder of a class",
    ),
    _refused("one image", _classes("a", num=1), "at least two images"),
    _refused(
        "train and test beside a class",
        _classes("train/a", "test/a", "bus"),
        *("images.layout=classes", "images.layout=splits", "bus"),
    ),
    _refused("test without train", _classes("test/a", "val/a"), "folder train"),
    _refused("train twice", _classes("train/a", "Train/a"), "one folder", "train"),
    _refused("val and valid", _classes("train/a", "val/a", "valid/a"), "val, valid"),
    _refused("splits without classes", _classes("train", "test"), "for each class"),
    _refused("a class of test alone", _classes("train/a", "test/b"), "of train", "b"),
    _refused(
        "splits below classes",
        _classes("cat/train", "cat/test"),
        *("--data_dir", "images.layout=classes"),
    ),
    _refused(
        "one folder too high", _classes("all/train/a", "all/test/a"), "--data_dir"
    ),
    _refused("classes one folder too high", _classes("all/a", "all/b"), "--data_dir"),
    _refused(
        "no split where splits are said",
        _classes("cat", "dog"),
        "folder train",
        settings=("images.layout=splits",),
    ),
    _refused("a link out of it", _after(_link_out), "must stay within"),
    _refused("a link to itself", _after(_loop), "1 that cannot: cat/x.png"),
    _refused(
        "a pipe",
        _after(lambda data: os.mkfifo(data / "cat" / "x.png")),
        "must be a regular file",
    ),
    _refused("an image cut short", _after(_cut), "1 that cannot: cat/0.png"),
    _refused(
        "a class whose name is no text",
        _after(lambda data: os.mkdir(os.fsencode(data) + b"/caf\xe9")),
        "UTF-8",
    ),
    _refused("out is the data", _classes("a", "b"), "--out", out="data"),
    _refused("out lies in the data", _classes("a", "b"), "--out", out="data/a/run"),
    _of_train("out lies in the data", "--out", out="data/a/run"),
    _of_train(
        "classes that are not those of the network",
        *("energy.num_classes", "must be 2"),
        settings=("energy.num_classes=3",),
    ),
    _refused(
        "a layout that there is not",
        _classes("a", "b"),
        "did you mean classes",
        settings=("images.layout=class",),
    ),
    _refused(
        "three sizes",
        _classes("a", "b"),
        "height and width",
        settings=("images.size=[8,8,8]",),
    ),
    _refused(
        "a size that is text", _classes("a"), "size", settings=("images.size=big",)
    ),
    _works("splits in any case", _classes("Train/a", "VALID/a", "test/a")),
    _works("a single split", _classes("train/a", "train/b")),
    _works("splits are classes", _classes("train", "bus"), "images.layout=classes"),
    _works(
        "others are left out",
        _classes("train/a", "test/a", "bus"),
        "images.layout=splits",
    ),
    _works("hidden files", _after(_hidden)),
    _works("files that are no images", _after(_others)),
    _works("every ending", _after(_endings)),
    _works("an image left out", _after(_cut), "images.corrupt=skip"),
    _works("a size of two numbers", _after(_not_square), "images.size=[8,16]"),
    _works(
        "25 images, validation of 100", _classes("a", num=25), "validation_count=100"
    ),
)
