"""Arrays from .npy and .npz files of a user's, read strictly. No TensorFlow here.

Nothing is unpickled, and a file ends where its array ends.
"""

import contextlib
import os
import tokenize
import zipfile
import zlib
from collections.abc import Iterator

import numpy as np

from ebm_tf import checks, resources
from ebm_tf.data import files

_ZIP_MAGIC = b"PK\x03\x04"
_NPY_MAGIC = b"\x93NUMPY"
# What reading a damaged file may raise; a header is Python text, read by `ast`.
_DAMAGED = (
    ValueError,
    TypeError,
    SyntaxError,
    EOFError,
    OSError,
    OverflowError,
    MemoryError,
    RecursionError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


def open_npy(path: str) -> np.ndarray:
    """Returns the array in a .npy file, mapped: read where it is used.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no whole .npy file of numbers, or has more bytes.
    """
    with files.opened(path) as stream:
        magic = stream.read(len(_NPY_MAGIC))
    if magic.startswith(_ZIP_MAGIC):
        files.refuse(path, "be a .npy file", "a ZIP archive: call it data.npz")
    if magic != _NPY_MAGIC:
        files.refuse(path, "be a .npy file, no pickle", f"a file of {magic!r}...")
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except _DAMAGED as error:
        files.refuse(path, "be a whole .npy file of numbers, no pickle", error)
    want = array.offset + array.nbytes if isinstance(array, np.memmap) else None
    if want is not None and os.path.getsize(path) != want:
        files.refuse(path, f"end after {want} bytes", f"{os.path.getsize(path)}")
    return array


@contextlib.contextmanager
def opened_zip(path: str) -> Iterator[zipfile.ZipFile]:
    """Opens a ZIP archive, such as a .npz file; a damaged one is refused in the block.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no whole ZIP archive.
    """
    with files.opened(path) as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                yield archive
        except checks.InputError:
            raise
        except (*_DAMAGED, NotImplementedError, RuntimeError) as error:
            # Also of a way to pack, or a password, that Python does not know.
            files.refuse(path, "be a whole ZIP archive, such as a .npz file", error)


def read_npz(path: str, name: str | None = None) -> dict[str, np.ndarray]:
    """Returns the arrays of a .npz file by name, in memory.

    Args:
        path: Where it is.
        name: Of the only one to read, if it is there; None reads all.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no whole .npz file of numbers, or there is not the memory
            for what it says that it holds.
    """
    arrays = {}
    with opened_zip(path) as archive:
        entries = {e.filename.removesuffix(".npy"): e for e in archive.infolist()}
        if name is not None:
            entries = {n: entry for n, entry in entries.items() if n == name}
        declared = sum(entry.file_size for entry in entries.values())
        there = resources.available_memory()
        if declared > there:
            rule = f"hold at most the {there:,} bytes of memory that there are"
            files.refuse(path, rule, f"{declared:,}")
        for label, entry in entries.items():
            with archive.open(entry) as stream:
                arrays[label] = _read_member(stream, entry, f"{path}:{label}")
    return arrays


def _read_member(stream, entry, label: str) -> np.ndarray:
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    try:
        version = np.lib.format.read_magic(stream)
        shape, is_fortran, dtype = readers[version](stream)
    except (KeyError, *_DAMAGED) as error:
        files.refuse(label, "be a .npy array", error)
    if dtype.hasobject:
        files.refuse(label, "hold numbers, no pickle", f"an array of {dtype}")
    num = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if entry.file_size - stream.tell() != num:
        rule = f"hold {num} bytes after its header"
        files.refuse(label, rule, entry.file_size - stream.tell())
    flat = np.frombuffer(stream.read(), dtype)
    return flat.reshape(shape, order="F" if is_fortran else "C")


def require_numbers(path: str, array: np.ndarray) -> None:
    """Raises unless an array holds uint8 levels or floats, and at least two rows.

    Args:
        path: What messages call it.
        array: Any array.

    Raises:
        ValueError: If not.
    """
    if array.dtype != np.uint8 and array.dtype.kind != "f":
        rule = "hold uint8 (levels) or floats; convert it with .astype"
        files.refuse(path, rule, array.dtype)
    if array.ndim < 2 or not array[:1].size:
        rule = "hold [n, ...]: a row for each example, of one number or more"
        files.refuse(path, rule, f"shape {array.shape}")
    if len(array) < 2:
        files.refuse(path, "hold two rows or more", f"shape {array.shape}")


def require_within(
    path: str, states: np.ndarray, start: int, low: float, high: float
) -> None:
    """Raises unless all numbers are finite and within bounds.

    Args:
        path: What messages call it.
        states: `[n, ...]`.
        start: Which row of the file the first of them is.
        low: Lower bound, or minus infinity.
        high: Upper bound, or infinity.

    Raises:
        ValueError: If not: names the place.
    """
    wrong = ~np.isfinite(states)
    rule = "hold finite numbers"
    if not wrong.any():
        wrong, rule = (states < low) | (states > high), f"lie within [{low}, {high}]"
    if wrong.any():
        place = np.unravel_index(np.flatnonzero(wrong)[0], states.shape)
        value = states[place]
        where = [int(place[0]) + start, *map(int, place[1:])]
        files.refuse(path, rule, f"{value} at {where}")
