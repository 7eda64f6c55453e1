"""A folder of images, classes by subfolder, of any size and mode.

    DIR/cat/1.png  DIR/dog/2.jpg           a share of all becomes the test set
    DIR/train/cat/1.png  DIR/test/cat/3.png

`ebm_tf.data.folder_layout` says which folders are what, `ebm_tf.data.pixels` what an
image becomes. Every image is decoded once before anything is used, so that one that
cannot be read is known by its name. Symbolic links are not followed out of the folder.
"""

import concurrent.futures
import hashlib
import logging
import os
import stat
import warnings
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from PIL import Image

from ebm_tf import checks
from ebm_tf.data import files, folder_layout, overlap, pixels
from ebm_tf.data.config import ImagesConfig
from ebm_tf.data.folder_layout import some
from ebm_tf.data.types import Chunk, Found, Split

_LOG = logging.getLogger(__name__)
_NUM_THREADS = 4
_CHUNK_SIZE = 256


class _Item(NamedTuple):
    """An image: its label, and when it was read once, what tells its content."""

    path: str
    label: int
    digest: int = 0


class _Listing(NamedTuple):
    """What lies in the folders: images, and names of what is left out."""

    items: list[_Item]
    others: list[str]
    links: list[str]


def read(data_dir: str, config: ImagesConfig) -> Found:
    """Returns the images below `data_dir`.

    Args:
        data_dir: The folder.
        config: What an image becomes.

    Raises:
        ValueError: If the folders can be read in two ways, there is no image, a link
            leaves the folder, validation or test have a class that train has not, or
            an image cannot be read and that is fatal.
    """
    layout = folder_layout.find(data_dir, config.layout)
    class_names = layout.class_names
    _report_strays(data_dir, layout.splits.values())
    listed = {
        name: _listed(data_dir, path, class_names)
        for name, path in layout.splits.items()
    }
    bad: list[str] = []
    with warnings.catch_warnings():  # too many pixels are refused by `pixels.read`
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        whole = {name: _readable(items, config, bad) for name, items in listed.items()}
    _report(data_dir, bad, config)
    if "test" not in whole:
        whole |= _divided(whole["train"], config.test_share)
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
        splits={name: _split(data_dir, items, config) for name, items in whole.items()},
        paths=[],
        origin=origin,
        class_names=tuple(class_names),
    )


def _listed(root, path, class_names) -> list[_Item]:
    """Returns the images of a split, sorted by path; says what else there is."""
    found = _Listing([], [], [])
    for label, name in enumerate(class_names):
        folder = os.path.join(path, name)
        if os.path.isdir(folder):  # test need not have all that train has
            _list_class(root, folder, label, found)
    for what, paths in (
        ("files that are no images by their names", found.others),
        ("folders that are links", found.links),
    ):
        if paths:
            names = some([os.path.relpath(each, root) for each in sorted(paths)])
            _LOG.warning("folder: left out %d %s: %s", len(paths), what, names)
    if not found.items:
        rule = "hold an image (.png, .jpg, ...) in the folder of a class"
        got = f"{len(found.others)} other files" if found.others else "none"
        files.refuse(path, rule, got)
    return found.items


def _list_class(root, folder, label, found: _Listing) -> None:
    """Adds what lies below the folder of a class."""
    inside = os.path.join(os.path.realpath(root), "")
    _require_within(folder, inside, root)
    for parent, subfolders, names in os.walk(folder, onerror=_refuse_unreadable):
        subfolders[:] = sorted(filter(folder_layout.is_ours, subfolders))
        names = sorted(filter(folder_layout.is_ours, names))
        for name in (*subfolders, *names):
            _require_within(os.path.join(parent, name), inside, root)
        below = [os.path.join(parent, name) for name in subfolders]
        found.links.extend(filter(os.path.islink, below))
        for path in (os.path.join(parent, name) for name in names):
            if not _is_image(path):
                found.others.append(path)
                continue
            _require_regular(path)
            found.items.append(_Item(path, label))


def _require_within(path, inside, root) -> None:
    if not os.path.join(os.path.realpath(path), "").startswith(inside):
        files.refuse(path, f"stay within {root}", os.path.realpath(path))


def _require_regular(path) -> None:
    """A pipe would never end; of a link to nothing reading tells."""
    if os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode):
        files.refuse(path, "be a regular file", "a pipe, a socket or a device")


def _refuse_unreadable(error: OSError) -> None:
    files.refuse(error.filename, "be a folder that can be read", error.strerror)


def _is_image(path) -> bool:
    return os.path.splitext(path)[1].lower() in pixels.endings()


def _report_strays(data_dir, paths) -> None:
    """Says which images stand in the folder of no class, and so are not read."""
    names = {
        os.path.relpath(os.path.join(path, name), data_dir)
        for path in {data_dir, *paths}
        for name in os.listdir(path)
        if folder_layout.is_ours(name)
        and _is_image(name)
        and not os.path.isdir(os.path.join(path, name))
    }
    if names:
        _LOG.warning(
            "folder: left out %d in the folder of no class: %s",
            len(names),
            some(sorted(names)),
        )


def _readable(items, config, bad) -> list[_Item]:
    """Returns the items that can be read; adds the others' paths to `bad`."""

    def tried(item) -> pixels.Picture | str:
        try:
            return pixels.read(item.path, config)
        except pixels.UnstatedPixels as error:
            return f"{item.path} ({error})"
        except Exception:  # Decoders raise whatever they like: it is not an image.
            return item.path

    good, sizes = [], []
    with concurrent.futures.ThreadPoolExecutor(_NUM_THREADS) as pool:
        for group in _groups(items):
            for item, picture in zip(group, pool.map(tried, group)):
                if isinstance(picture, str):
                    bad.append(picture)
                    continue
                [digest] = overlap.digests_of(picture.levels[None])
                good.append(item._replace(digest=int(digest)))
                sizes.append(picture.size)
    _report_sizes(sizes, config)
    return good


def _report_sizes(sizes, config) -> None:
    """Says how many images are cut or enlarged to get their size."""
    height, width, _ = config.shape
    num_cut = sum(rows * width != columns * height for rows, columns in sizes)
    num_small = sum(rows < height or columns < width for rows, columns in sizes)
    for num, what in ((num_cut, "cut to the middle"), (num_small, "enlarged")):
        if num:
            text = "folder: %d of %d images are %s, to be %dx%d (images.size may be a "
            text += "number, or a height and a width)"
            _LOG.warning(text, num, len(sizes), what, height, width)


def _report(data_dir, bad, config) -> None:
    if not bad:
        return
    names = some([os.path.relpath(path, data_dir) for path in bad])
    if config.corrupt == "fail":
        rule = "hold images that can be read (images.corrupt=skip leaves others out)"
        files.refuse(data_dir, rule, f"{len(bad)} that cannot: {names}")
    _LOG.warning("folder: left out %d that cannot be read: %s", len(bad), names)


def _divided(items, test_share) -> dict[str, list[_Item]]:
    """Returns train and test; which is which depends on the names alone.

    But images of the same pixels stay together, where the first of their names is.
    """
    checks.require(len(items) > 1, "data_dir", "of at least two images", len(items))
    keys: dict[int, tuple[bytes, int]] = {}
    for i, item in enumerate(items):
        name = os.fsencode(os.path.basename(item.path))
        key = hashlib.sha256(name).digest(), i
        keys[item.digest] = min(key, keys.get(item.digest, key))
    rule = "of at least two images that differ"
    checks.require(len(keys) > 1, "data_dir", rule, f"{len(items)} that are the same")
    count = min(max(round(test_share * len(items)), 1), len(items) - 1)
    order = sorted(range(len(items)), key=lambda i: keys[items[i].digest])
    edge = _edge([items[i].digest for i in order], count)
    test = set(order[:edge])
    return {
        "train": [item for i, item in enumerate(items) if i not in test],
        "test": [item for i, item in enumerate(items) if i in test],
    }


def _edge(digests: list[int], count: int) -> int:
    """Returns the place nearest to `count` where one content ends, not at an end."""
    edges = [i for i in range(1, len(digests)) if digests[i] != digests[i - 1]]
    return min(edges, key=lambda i: abs(i - count))


def _split(root, items, config) -> Split:
    def chunks() -> Iterator[Chunk]:
        with concurrent.futures.ThreadPoolExecutor(_NUM_THREADS) as pool:
            for group in _groups(items):
                pictures = pool.map(lambda item: pixels.read(item.path, config), group)
                labels = np.asarray([item.label for item in group], np.int32)
                yield np.stack([picture.levels for picture in pictures]), labels

    return Split(
        num_examples=len(items),
        chunks=chunks,
        name_of=lambda position: os.path.relpath(items[position].path, root),
    )


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
