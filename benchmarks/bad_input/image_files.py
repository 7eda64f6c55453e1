"""Small image files and folders of them, for trials about data."""

import pathlib

import numpy as np
from PIL import Image

SIZE = 8


def picture(number: int) -> np.ndarray:
    """Returns an image that no other number has, uint8 `[8, 8, 3]`."""
    draw = np.random.default_rng(number)
    return draw.integers(0, 256, [SIZE, SIZE, 3]).astype(np.uint8)


def save(path: pathlib.Path, array: np.ndarray, **options) -> pathlib.Path:
    """Writes an image, its folder too; returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path, **options)
    return path


def fill(folder: pathlib.Path, num: int, first: int = 0) -> None:
    """Writes `num` pictures, from number `first` on, into a folder."""
    for number in range(first, first + num):
        save(folder / f"{number}.png", picture(number))


def classes(folder: pathlib.Path, *names: str, num: int = 12) -> None:
    """Writes `num` pictures, none twice, into each folder of these names."""
    for index, name in enumerate(names):
        fill(folder / name, num, 1000 * index)


def ingest(*settings: str, out: str = "run") -> tuple[str, ...]:
    """Returns the words that ingest the folder `data`."""
    words = ("--dataset=folder", "--data_dir=data", f"--out={out}")
    images = (f"images.size={SIZE}", "validation_count=2", *settings)
    return (*words, *(f"--set={setting}" for setting in images))
