"""The binary version of CIFAR-10, from its archive or from the files in it.

A file is a row of records of 3,073 bytes: the label, then 1,024 bytes each of red,
green and blue, row by row. The version for Python holds pickles, which can run code
when they are read, and is refused.

References:
    Krizhevsky, Learning multiple layers of features from tiny images (2009).
"""

import contextlib
import os
import tarfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

import numpy as np

from ebm_tf import checks
from ebm_tf.data import files
from ebm_tf.data.types import CHUNK_SIZE, Chunk, Found, Split

ARCHIVE = "cifar-10-binary.tar.gz"
FOLDER = "cifar-10-batches-bin"
FILES = f"{ARCHIVE}, or the data_batch_1.bin to 5 and test_batch.bin in it"

_SPLITS = {
    "train": tuple(f"data_batch_{number}.bin" for number in range(1, 6)),
    "test": ("test_batch.bin",),
}
_NAMES = "batches.meta.txt"
_MAX_NAMES = 1 << 16  # bytes of it that are read
_NUM_CLASSES = 10
_PLANES = (3, 32, 32)
_RECORD_SIZE = 1 + 3 * 32 * 32


def read(data_dir: str, class_names: Sequence[str]) -> Found:
    """Returns the examples in a folder, checked to their ends.

    Args:
        data_dir: As `find` takes it.
        class_names: As `splits` takes them.

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If one is damaged or of another kind.
    """
    paths = find(data_dir)
    return files.read_splits(data_dir, splits(paths, class_names), paths)


def find(path: str) -> list[str]:
    """Returns the archive alone, or the six files.

    Args:
        path: The archive, a folder with the archive or with the files in it, or a
            folder with the published folder in it.

    Raises:
        FileNotFoundError: If neither is there, or some of the files are missing.
        ValueError: If only the Python version is there.
    """
    if os.path.isfile(path):
        return [path]
    for folder in (path, os.path.join(path, FOLDER)):
        if os.path.isfile(os.path.join(folder, "test_batch.bin")):
            names = [name for group in _SPLITS.values() for name in group]
            paths = [os.path.join(folder, name) for name in names]
            for each in paths:
                checks.require_file(each, "The file")
            return paths
    archive = os.path.join(path, ARCHIVE)
    if not os.path.isfile(archive):
        for name in ("cifar-10-python.tar.gz", "cifar-10-batches-py", "test_batch"):
            if os.path.exists(os.path.join(path, name)):
                files.refuse(path, f"hold the binary version, {ARCHIVE}", name)
        raise checks.MissingFileError(f"The file does not exist: {archive}")
    return [archive]


def splits(paths: Sequence[str], class_names: Sequence[str]) -> dict[str, Split]:
    """Returns the examples in the files that `find` found, after a look at sizes.

    Args:
        paths: What `find` returned.
        class_names: What batches.meta.txt must say, if it is there.

    Raises:
        ValueError: If a file is no whole number of records, the archive is damaged
            or lacks a file, or the classes have other names. Labels are checked on
            the way through.
    """
    store = _Archive(paths[0]) if len(paths) == 1 else _Folder(paths)
    with store.opened() as part_at:
        _require_names(part_at(_NAMES), class_names)
    return {name: _split(store, parts) for name, parts in _SPLITS.items()}


class _Part(NamedTuple):
    """One file, open; `name` is what errors call it, `size` in bytes."""

    name: str
    stream: BinaryIO | None
    size: int


class _Folder:
    """The files as they are."""

    def __init__(self, paths):
        self._folder = os.path.dirname(paths[0])

    @contextlib.contextmanager
    def opened(self):
        """Yields a function from a file's name to its `_Part`."""
        with contextlib.ExitStack() as stack:

            def part_at(name):
                path = os.path.join(self._folder, name)
                if not os.path.exists(path):
                    return _Part(path, None, 0)
                stream = stack.enter_context(files.opened(path))
                return _Part(path, stream, os.path.getsize(path))

            yield part_at


class _Archive:
    """The files in a tar. Nothing is unpacked, so no path in it can do harm."""

    def __init__(self, path):
        self._path = path
        files.read_through(path)

    @contextlib.contextmanager
    def opened(self):
        """Yields a function from a file's name to its `_Part`."""
        try:
            with (
                files.unpacked(self._path) as packed,
                tarfile.open(fileobj=packed, mode="r:") as archive,
            ):
                members = {os.path.basename(m.name): m for m in archive if m.isfile()}

                def part_at(name):
                    label = f"{self._path}:{name}"
                    member = members.get(name)
                    if member is None:
                        return _Part(label, None, 0)
                    return _Part(label, archive.extractfile(member), member.size)

                yield part_at
        except tarfile.TarError as error:
            files.refuse(self._path, "be a whole tar archive", error)


def _split(store, names):
    num_examples = 0
    with store.opened() as part_at:
        for part in map(part_at, names):
            if part.size == 0 or part.size % _RECORD_SIZE:
                rule = f"hold records of {_RECORD_SIZE} bytes"
                files.refuse(part.name, rule, f"{part.size} bytes")
            num_examples += part.size // _RECORD_SIZE

    def chunks() -> Iterator[Chunk]:
        with store.opened() as part_at:
            for name in names:
                yield from _chunks(part_at(name))

    return Split(num_examples=num_examples, chunks=chunks)


def _chunks(part):
    chunk_size = CHUNK_SIZE * _RECORD_SIZE
    for start in range(0, part.size, chunk_size):
        num_bytes = min(chunk_size, part.size - start)
        content = part.stream.read(num_bytes)
        if len(content) < num_bytes:
            files.refuse(part.name, f"hold {part.size} bytes", start + len(content))
        records = np.frombuffer(content, np.uint8).reshape(-1, _RECORD_SIZE)
        labels = records[:, 0].astype(np.int32)
        files.require_condition(part.name, labels, _NUM_CLASSES, start // _RECORD_SIZE)
        planes = records[:, 1:].reshape(-1, *_PLANES)
        yield np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), labels


def _require_names(part, class_names):
    if part.stream is not None:
        names = part.stream.read(_MAX_NAMES).decode("utf-8", "replace").split()
        if names != list(class_names):
            files.refuse(part.name, f"name {' '.join(class_names)}", " ".join(names))
