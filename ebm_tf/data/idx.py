"""The IDX format of MNIST and Fashion-MNIST, read strictly.

A file starts with two zero bytes, the type (8, unsigned byte) and the number of
dimensions; then one big-endian uint32 for each dimension; then the bytes, last
dimension fastest, and nothing after them.

References:
    LeCun, Cortes and Burges, The MNIST database of handwritten digits (1998).
"""

import contextlib
import os
import struct
from collections.abc import Iterator

import numpy as np

from ebm_tf import checks
from ebm_tf.data import files
from ebm_tf.data.types import CHUNK_SIZE, Chunk, Found, Split

_PREFIXES = {"train": "train", "test": "t10k"}
_KINDS = ("images-idx3-ubyte", "labels-idx1-ubyte")

FILES = ", ".join(
    f"{prefix}-{kind}" for prefix in _PREFIXES.values() for kind in _KINDS
)


def read(folder: str, shape: tuple[int, int, int], num_classes: int) -> Found:
    """Returns the examples in the four files of a folder, checked to their ends.

    Args:
        folder: Where they are, each with or without ".gz".
        shape: What an image must be, `(H, W, 1)`, pixels.
        num_classes: What labels must be below.

    Raises:
        FileNotFoundError: If one is missing.
        ValueError: If one is damaged or of another kind.
    """
    found = find(folder)
    splits = {name: split(*pair, shape, num_classes) for name, pair in found.items()}
    paths = [path for pair in found.values() for path in pair]
    return files.read_splits(folder, splits, paths)


def find(folder: str) -> dict[str, tuple[str, str]]:
    """Returns the paths of the images and of the labels, for each split.

    Args:
        folder: Where the four files are, each with or without ".gz".

    Raises:
        FileNotFoundError: If one is missing.
    """
    return {
        split: tuple(_find_file(folder, f"{prefix}-{kind}") for kind in _KINDS)
        for split, prefix in _PREFIXES.items()
    }


def split(
    images_path: str, labels_path: str, shape: tuple[int, int, int], num_classes: int
) -> Split:
    """Returns the examples in one pair of files, after a look at their headers.

    Args:
        images_path: IDX file of three dimensions: examples, rows, columns.
        labels_path: IDX file of one dimension.
        shape: What an image must be, `(H, W, 1)`, pixels.
        num_classes: What labels must be below.

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If a header breaks the format, the two disagree, or there is no
            example. Lengths and labels are checked on the way through.
    """
    with _opened(images_path, 3) as (_, dims):
        num_examples, *size = dims
    if tuple(size) != shape[:2]:
        files.refuse(images_path, f"hold images of {shape[:2]} pixels", tuple(size))
    if num_examples == 0:
        files.refuse(images_path, "hold at least one image", 0)
    with _opened(labels_path, 1) as (_, dims):
        if dims[0] != num_examples:
            name = os.path.basename(images_path)
            rule = f"hold one label for each of the {num_examples} images of {name}"
            files.refuse(labels_path, rule, f"{dims[0]} labels")

    def chunks() -> Iterator[Chunk]:
        images = _items(images_path, 3)
        labels = _items(labels_path, 1)
        start = 0
        for image, label in zip(images, labels, strict=True):
            files.require_condition(labels_path, label, num_classes, start)
            start += len(label)
            yield image[..., None], label.astype(np.int32)

    return Split(num_examples=num_examples, chunks=chunks)


def _find_file(folder, name):
    for candidate in (name, name + ".gz"):
        path = os.path.join(folder, candidate)
        if os.path.isfile(path):
            return path
    raise checks.MissingFileError(
        f"The file does not exist, gzipped or not: {os.path.join(folder, name)}"
    )


@contextlib.contextmanager
def _opened(path, num_dims):
    """Yields the stream behind the header, and the dimensions."""
    with files.unpacked(path) as stream:
        magic = stream.read(4)
        want = bytes([0, 0, 8, num_dims])
        if magic != want:
            rule = f"start with the IDX magic number {int.from_bytes(want)}"
            got = int.from_bytes(magic) if len(magic) == 4 else f"{len(magic)} bytes"
            files.refuse(path, rule, got)
        packed = stream.read(4 * num_dims)
        if len(packed) < 4 * num_dims:
            files.refuse(path, f"give {num_dims} dimensions", f"{len(packed)} bytes")
        yield stream, struct.unpack(f">{num_dims}I", packed)


def _items(path, num_dims):
    """Yields uint8 arrays [n, ...]: CHUNK_SIZE items at a time, to the exact end."""
    with _opened(path, num_dims) as (stream, (num_items, *rest)):
        item_size = int(np.prod(rest, dtype=np.int64))
        for start in range(0, num_items, CHUNK_SIZE):
            num = min(CHUNK_SIZE, num_items - start)
            content = stream.read(num * item_size)
            if len(content) < num * item_size:
                rule = f"hold {num_items * item_size} bytes after its header"
                files.refuse(path, rule, start * item_size + len(content))
            yield np.frombuffer(content, np.uint8).reshape(num, *rest)
        # Also makes gzip compare its own checksum.
        if stream.read(1):
            rule = f"end {num_items * item_size} bytes after its header"
            files.refuse(path, rule, "more bytes")
