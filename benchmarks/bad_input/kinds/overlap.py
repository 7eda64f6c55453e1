"""The same examples in train and test, whatever form they come in."""

import gzip
import pathlib
import shutil
import struct

import numpy as np
from PIL import Image

from benchmarks.bad_input import image_files
from benchmarks.bad_input.trial import Trial

_ALLOW = "ingest.overlap=allow"


def _arrays(train, test, **more):
    def setup(folder: pathlib.Path) -> None:
        (folder / "data").mkdir()
        for name, array in {"train": train, "test": test, **more}.items():
            np.save(folder / "data" / f"{name}.npy", array)

    return setup


def _one_file(train, test):
    def setup(folder: pathlib.Path) -> None:
        (folder / "data").mkdir()
        np.savez(folder / "data" / "data.npz", train=train, test=test)

    return setup


def _idx(path: pathlib.Path, array: np.ndarray, packed: bool) -> None:
    path.parent.mkdir(exist_ok=True)
    content = bytes([0, 0, 8, array.ndim])
    content += struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()
    if packed:
        path = path.with_name(path.name + ".gz")
        content = gzip.compress(content)
    path.write_bytes(content)


def _digits(num: int, seed: int) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return draw.integers(0, 256, [num, 28, 28]).astype(np.uint8)


def _mnist(train, test, packed=(True, True)):
    def setup(folder: pathlib.Path) -> None:
        for name, images, pack in zip(("train", "t10k"), (train, test), packed):
            data, labels = folder / "data", (np.arange(len(images)) % 10)
            _idx(data / f"{name}-images-idx3-ubyte", images, pack)
            _idx(data / f"{name}-labels-idx1-ubyte", labels.astype(np.uint8), pack)

    return setup


def _cifar(folder: pathlib.Path) -> None:
    (folder / "data").mkdir()
    draw = np.random.default_rng(0)
    rows = draw.integers(0, 256, [50, 3073]).astype(np.uint8)
    rows[:, 0] %= 10
    for number in range(5):
        name = f"data_batch_{number + 1}.bin"
        (folder / "data" / name).write_bytes(rows[10 * number :][:10].tobytes())
    test = rows[3:13].copy()  # over two files, and under other labels
    test[:, 0] = (test[:, 0] + 1) % 10
    (folder / "data" / "test_batch.bin").write_bytes(test.tobytes())


def _images(act, *names: str):
    """Returns a setup of images that all differ, then something is done."""

    def setup(folder: pathlib.Path) -> None:
        data = folder / "data"
        image_files.classes(data, *(names or ("train/a", "train/b", "test/a")))
        act(data)

    return setup


def _copy(source: str, target: str):
    def act(data: pathlib.Path) -> None:
        (data / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(data / source, data / target)

    return act


def _as(source: str, target: str):
    """Returns what writes an image again in another format, of the same pixels."""

    def act(data: pathlib.Path) -> None:
        (data / target).parent.mkdir(parents=True, exist_ok=True)
        Image.open(data / source).save(data / target)

    return act


def _link(data: pathlib.Path) -> None:
    (data / "test" / "a" / "x.png").symlink_to("../../train/a/3.png")


def _hard_link(data: pathlib.Path) -> None:
    (data / "test" / "a" / "x.png").hardlink_to(data / "train" / "a" / "3.png")


def _all_of_test(data: pathlib.Path) -> None:
    shutil.copytree(data / "test" / "a", data / "train" / "b", dirs_exist_ok=True)


def _folder(name: str, setup, *says: str, settings=()) -> Trial:
    return Trial(
        name=f"folder: {name}",
        command="ingest",
        args=image_files.ingest(*settings),
        setup=setup,
        says=(_ALLOW, *says),
    )


def _of(dataset: str, name: str, setup, *says: str, settings=(), **more) -> Trial:
    words = (f"--dataset={dataset}", "--data_dir=data", "--out=run")
    words += tuple(f"--set={each}" for each in ("validation_count=2", *settings))
    says = () if more else (_ALLOW, *says)
    return Trial(
        name=f"{dataset}: {name}",
        command="ingest",
        args=words,
        setup=setup,
        says=says,
        **more,
    )


_WORKS = {"exit_code": 0, "may_change": True}
_ROWS = np.random.default_rng(0).normal(size=[40, 3]).astype(np.float32)
_LEVELS = np.random.default_rng(0).integers(0, 256, [40, 6, 6]).astype(np.uint8)
_SOME, _OTHER = _digits(40, 0), _digits(20, 1)

TRIALS = (
    _folder("a copy", _images(_copy("train/a/3.png", "test/a/x.png")), "1 of 13"),
    _folder(
        "under the same name", _images(_copy("train/b/1003.png", "test/a/1003.png"))
    ),
    _folder("of another class", _images(_copy("train/a/3.png", "test/b/3.png"))),
    _folder("in another format", _images(_as("train/a/3.png", "test/a/x.bmp"))),
    _folder("in a third format", _images(_as("train/a/3.png", "test/a/x.qoi"))),
    _folder("a link", _images(_link), "x.png"),
    _folder("a hard link", _images(_hard_link), "x.png"),
    _folder("all of test", _images(_all_of_test), "12 of 12"),
    _folder("deeper down", _images(_copy("train/a/3.png", "test/a/more/3.png"))),
    _folder(
        "in valid",
        _images(_copy("train/a/3.png", "valid/a/x.png")),
        "validation examples",
    ),
    _folder(
        "test is of valid",
        _images(
            _copy("valid/a/3000.png", "test/a/x.png"),
            *("train/a", "train/b", "test/a", "valid/a"),
        ),
        "valid/a/3000.png",
    ),
    _folder(
        "gray and colour, read as gray",
        _images(
            lambda data: image_files.save(
                data / "test" / "a" / "x.png",
                np.asarray(Image.open(data / "train" / "a" / "3.png").convert("L")),
            )
        ),
        settings=("images.channels=1",),
    ),
    _of("arrays", "a row", _arrays(_ROWS, np.r_[_ROWS[3:4], _ROWS[:9] + 1]), "1 of 10"),
    _of("arrays", "all rows", _arrays(_ROWS, _ROWS[::-1]), "40 of 40"),
    _of(
        "arrays",
        "rows in double precision",
        _arrays(_ROWS, np.r_[_ROWS[3:4], _ROWS[:9] + 1].astype(np.float64)),
        "1 of 10",
    ),
    _of("arrays", "levels", _arrays(_LEVELS, _LEVELS[5:9]), "4 of 4"),
    _of("arrays", "in one file", _one_file(_LEVELS, _LEVELS[5:9]), "4 of 4"),
    _of(
        "arrays",
        "under other labels",
        _arrays(
            _ROWS,
            _ROWS[:4],
            train_labels=np.zeros(40, np.int32),
            test_labels=np.zeros(4, np.int32),
        ),
        "4 of 4",
    ),
    _of("mnist", "gzip and plain", _mnist(_SOME, _SOME, (True, False)), "40 of 40"),
    _of("mnist", "plain and gzip", _mnist(_SOME, _SOME, (False, True)), "40 of 40"),
    _of("mnist", "turned round", _mnist(_SOME, _SOME[::-1].copy()), "40 of 40"),
    _of("mnist", "one image", _mnist(_SOME, np.r_[_OTHER, _SOME[7:8]]), "1 of 21"),
    _of("fashion_mnist", "a part", _mnist(_SOME, _SOME[:9], (True, False)), "9 of 9"),
    _of("cifar10", "other labels", _cifar, "10 of 10"),
    _of("arrays", "works: none", _arrays(_ROWS, _ROWS + 1), **_WORKS),
    _of("mnist", "works: none", _mnist(_SOME, _OTHER), **_WORKS),
    _of(
        "arrays",
        "works: it is allowed",
        _arrays(_ROWS, _ROWS[:5]),
        settings=(_ALLOW,),
        **_WORKS,
    ),
)
