"""A folder of images, classes by subfolder, of any size and mode.

    DIR/cat/1.png  DIR/dog/2.jpg           a share of all becomes the test set
    DIR/train/cat/1.png  DIR/test/cat/3.png

Every image is decoded once before anything is used, so that one that cannot be read
is known by its name. Symbolic links are not followed out of the folder.
"""

import concurrent.futures
import hashlib
import logging
import os
import warnings
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from ebm_tf import checks
from ebm_tf.data import files
from ebm_tf.data.config import ImagesConfig
from ebm_tf.data.types import Chunk, Found, Split

_LOG = logging.getLogger(__name__)
_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm")
_NUM_THREADS = 4
_CHUNK_SIZE = 256
_MAX_NAMED = 10


class _Item(NamedTuple):
    path: str
    label: int


def read(data_dir: str, config: ImagesConfig) -> Found:
    """Returns the images below `data_dir`.

    Args:
        data_dir: The folder.
        config: What an image becomes.

    Raises:
        ValueError: If there is no image, a link leaves the folder, train and test
            have other classes, or an image cannot be read and that is fatal.
    """
    parts = _parts(data_dir)
    class_names = list(parts.pop("classes"))
    _report_strays(data_dir, parts.values())
    listed = {
        name: _listed(data_dir, path, class_names) for name, path in parts.items()
    }
    bad: list[str] = []
    whole = {name: _readable(items, config, bad) for name, items in listed.items()}
    _report(data_dir, bad, config)
    if len(whole) == 1:
        whole = _divided(whole["train"], config.test_share)
    for name, items in whole.items():
        if not items:
            files.refuse(data_dir, f"hold at least one {name} image", 0)
    labels = [item.label for item in whole["train"]]
    counts = np.bincount(labels, minlength=len(class_names))
    for label in np.flatnonzero(counts <= 1):
        num = "one training image" if counts[label] else "no training image"
        _LOG.warning("folder: class %s has %s", class_names[label], num)
    origin = f"Images in {os.path.abspath(data_dir)} (sha256 {_digest(whole)})"
    if bad:
        origin += f", {len(bad)} that cannot be read left out"
    return Found(
        splits={name: _split(items, config) for name, items in whole.items()},
        paths=[],
        origin=origin,
        class_names=tuple(class_names),
    )


def decode(path: str, config: ImagesConfig) -> np.ndarray:
    """Returns one image, uint8 `[size, size, channels]`.

    Turned as its EXIF note says, on white where it is transparent; of an animation
    the first picture; 16 bits become 8.

    Raises:
        OSError: If it cannot be read.
        ValueError: Likewise.
    """
    with (
        warnings.catch_warnings(),
        files.opened(path) as stream,
        Image.open(stream) as image,
    ):
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        image = ImageOps.exif_transpose(image)
        if image.mode.startswith(("I", "F")):
            wide = np.asarray(image, np.float64)
            scale = 257.0 if wide.max() > 255 else 1.0
            image = Image.fromarray(np.clip(wide / scale, 0, 255).astype(np.uint8))
        if image.has_transparency_data:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        image = image.convert("L" if config.channels == 1 else "RGB")
        image = ImageOps.fit(image, (config.size,) * 2, Image.Resampling.LANCZOS)
        return np.asarray(image).reshape(config.size, config.size, config.channels)


def _parts(data_dir) -> dict:
    """Returns the folder of each split, and the names of the classes."""
    names = _subfolders(data_dir)
    if set(names) == {"test", "train"}:
        parts = {name: os.path.join(data_dir, name) for name in ("train", "test")}
    else:
        parts = {"train": data_dir}
    classes = {name: _subfolders(path) for name, path in parts.items()}
    if "test" in classes and not set(classes["test"]) <= set(classes["train"]):
        new = sorted(set(classes["test"]) - set(classes["train"]))
        files.refuse(parts["test"], "have the classes of train", ", ".join(new))
    if not classes["train"]:
        files.refuse(parts["train"], "hold a folder for each class", "no folder")
    return parts | {"classes": classes["train"]}


def _subfolders(path) -> list[str]:
    with os.scandir(path) as entries:
        names = [e.name for e in entries if e.is_dir() and not e.name.startswith(".")]
    return sorted(names)


def _listed(root, path, class_names) -> list[_Item]:
    """Returns the images of a split, sorted by path."""
    inside = os.path.join(os.path.realpath(root), "")
    items = []
    for label, name in enumerate(class_names):
        for folder, subfolders, names in os.walk(os.path.join(path, name)):
            for each in (
                folder,
                *(os.path.join(folder, n) for n in subfolders + names),
            ):
                if not os.path.join(os.path.realpath(each), "").startswith(inside):
                    files.refuse(each, f"stay within {root}", os.path.realpath(each))
            subfolders.sort()
            items += [
                _Item(os.path.join(folder, file_name), label)
                for file_name in sorted(names)
                if _is_image(file_name)
            ]
    if not items:
        rule = f"hold an image ({', '.join(_ENDINGS)}) in the folder of a class"
        files.refuse(path, rule, "none")
    return items


def _is_image(file_name) -> bool:
    return file_name.lower().endswith(_ENDINGS)


def _report_strays(data_dir, paths) -> None:
    """Says which images stand in the folder of no class, and so are not read."""
    names = {
        os.path.relpath(os.path.join(path, name), data_dir)
        for path in {data_dir, *paths}
        for name in os.listdir(path)
        if _is_image(name)
    }
    if names:
        _LOG.warning(
            "folder: left out %d in the folder of no class: %s",
            len(names),
            _some(sorted(names)),
        )


def _some(names) -> str:
    text = ", ".join(names[:_MAX_NAMED])
    more = len(names) - _MAX_NAMED
    return f"{text} and {more} more" if more > 0 else text


def _readable(items, config, bad) -> list[_Item]:
    """Returns the items that can be read; adds the others' paths to `bad`."""

    def is_whole(item) -> bool:
        try:
            decode(item.path, config)
        except Exception:  # Decoders raise whatever they like: it is not an image.
            return False
        return True

    good = []
    with concurrent.futures.ThreadPoolExecutor(_NUM_THREADS) as pool:
        for some in _groups(items):
            for item, whole in zip(some, pool.map(is_whole, some)):
                (good if whole else bad).append(item if whole else item.path)
    return good


def _report(data_dir, bad, config) -> None:
    if not bad:
        return
    names = _some([os.path.relpath(path, data_dir) for path in bad])
    if config.corrupt == "fail":
        rule = "hold images that can be read (images.corrupt=skip leaves others out)"
        files.refuse(data_dir, rule, f"{len(bad)} that cannot: {names}")
    _LOG.warning("folder: left out %d that cannot be read: %s", len(bad), names)


def _divided(items, test_share) -> dict[str, list[_Item]]:
    """Returns train and test; which is which depends on the names alone."""
    checks.require(len(items) > 1, "data_dir", "of at least two images", len(items))
    count = min(max(round(test_share * len(items)), 1), len(items) - 1)
    order = sorted(
        range(len(items)),
        key=lambda i: hashlib.sha256(os.path.basename(items[i].path).encode()).digest(),
    )
    test = set(order[:count])
    return {
        "train": [item for i, item in enumerate(items) if i not in test],
        "test": [item for i, item in enumerate(items) if i in test],
    }


def _split(items, config) -> Split:
    def chunks() -> Iterator[Chunk]:
        with concurrent.futures.ThreadPoolExecutor(_NUM_THREADS) as pool:
            for some in _groups(items):
                images = pool.map(lambda item: decode(item.path, config), some)
                labels = np.asarray([item.label for item in some], np.int32)
                yield np.stack(list(images)), labels

    return Split(num_examples=len(items), chunks=chunks)


def _groups(items) -> Iterator[list[_Item]]:
    for start in range(0, len(items), _CHUNK_SIZE):
        yield items[start : start + _CHUNK_SIZE]


def _digest(whole) -> str:
    """Returns a SHA-256 over the bytes of every image, in order."""
    digest = hashlib.sha256()
    for items in whole.values():
        for item in items:
            digest.update(files.sha256(item.path).encode())
    return digest.hexdigest()
