"""Reading files that someone else wrote: whole, or one line that says why not."""

import contextlib
import gzip
import os
import zlib
from collections.abc import Iterator, Mapping
from typing import BinaryIO, NoReturn

import numpy as np

from ebm_tf import checks, files
from ebm_tf.data.types import Found, Split

_BLOCK_SIZE = 1 << 20


def refuse(path: str | os.PathLike, rule: str, received) -> NoReturn:
    """Raises `InvalidValueError`, one line: the file at `path` must `rule`."""
    received = " ".join(str(received).split())
    raise checks.InvalidValueError(
        f"`{os.fspath(path)}` must {rule}. Received: {received}"
    )


def sha256(path: str | os.PathLike) -> str:
    """Returns the SHA-256 of a file, 64 hexadecimal digits."""
    with opened(path):
        return files.sha256(path)


@contextlib.contextmanager
def opened(path: str | os.PathLike) -> Iterator[BinaryIO]:
    """Opens a regular file for reading; what cannot be read is refused by name.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no regular file, or cannot be read.
    """
    try:
        with files.opened(path) as stream:
            yield stream
    except checks.InputError:
        raise
    except OSError as error:
        refuse(path, "be a file that can be read", error.strerror or error)


@contextlib.contextmanager
def unpacked(path: str | os.PathLike) -> Iterator[BinaryIO]:
    """Opens a file for reading, through gzip if that is what it holds.

    The first bytes decide, not the name: browsers unpack what they download and
    keep the name.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it cannot be read, or its gzip stream is damaged or cut.
    """
    with opened(path) as raw:
        is_gzip = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        if not is_gzip:
            yield raw
            return
        with gzip.GzipFile(fileobj=raw) as stream:
            try:
                yield stream
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                refuse(path, "be a whole gzip file", error)


def read_through(path: str | os.PathLike) -> None:
    """Reads a file to its end, so that a damaged gzip stream is found now.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: As `unpacked`.
    """
    with unpacked(path) as stream:
        while stream.read(_BLOCK_SIZE):
            pass


def require_condition(
    path: str | os.PathLike, labels: np.ndarray, num_classes: int, start: int
) -> None:
    """Raises `InvalidValueError` if a label is no class.

    Args:
        path: Where they are from.
        labels: Whole numbers [n].
        num_classes: Labels are from 0 to below this.
        start: Position of the first of them, for the message.
    """
    wrong = np.flatnonzero((labels < 0) | (labels >= num_classes))
    if wrong.size:
        got = f"{labels[wrong[0]]} at position {start + wrong[0]}"
        refuse(path, f"hold labels from 0 to {num_classes - 1}", got)


def read_splits(
    data_dir: str | os.PathLike, splits: Mapping[str, Split], paths: list[str]
) -> Found:
    """Returns published files as they were found, after a pass over every split.

    Args:
        data_dir: The folder they are in.
        splits: "train" and "test".
        paths: The files.

    Raises:
        ValueError: If one is damaged.
    """
    for split in splits.values():
        for _ in split.chunks():
            pass
    origin = f"Published files in {os.path.abspath(data_dir)}"
    return Found(splits=splits, paths=paths, origin=origin)
