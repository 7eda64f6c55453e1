"""Files and folders: opened, digested, written so that they outlive a crash, removed.

Whatever a user names is opened by `opened`, or looked at by `require_regular` where a
library opens it: a named pipe would make the reader wait for ever, and a device such as
/dev/zero has no end.
"""

import contextlib
import errno
import hashlib
import os
import pathlib
import re
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from ebm_tf import checks

_BLOCK_SIZE = 1 << 16
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def require_regular(
    path: str | os.PathLike, what: str = "The file", max_bytes: int | None = None
) -> None:
    """Raises unless there is a regular file at `path`, or a link to one.

    Args:
        path: Where.
        what: What it is, for messages.
        max_bytes: The largest it may be, or None.

    Raises:
        FileNotFoundError: If there is nothing.
        ValueError: If it is a folder, a pipe, a device or a socket, or larger.
    """
    checks.require_file(path, what)
    _require_status(path, os.stat(path), max_bytes)


def opened(
    path: str | os.PathLike, what: str = "The file", max_bytes: int | None = None
) -> BinaryIO:
    """Returns a regular file, opened for reading its bytes; arguments as above.

    Raises:
        FileNotFoundError: If there is nothing.
        OSError: If it may not be read.
        ValueError: If it is a folder, a pipe, a device or a socket, or larger.
    """
    require_regular(path, what, max_bytes)
    # It may be another one by now: it is opened without waiting, and looked at again.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
    file = os.fdopen(os.open(path, flags), "rb")
    try:
        _require_status(path, os.fstat(file.fileno()), max_bytes)
    except BaseException:
        file.close()
        raise
    return file


def read_bytes(path: str | os.PathLike, max_bytes: int) -> bytes:
    """Returns the content of a regular file of at most `max_bytes`; raises as above."""
    content = bytearray()
    with opened(path, max_bytes=max_bytes) as file:
        while block := file.read(_BLOCK_SIZE):
            content += block
            _require_size(path, len(content), max_bytes)  # it may grow, or lie
    return bytes(content)


def _require_status(path, status: os.stat_result, max_bytes: int | None) -> None:
    name = os.fspath(path)
    if not stat.S_ISREG(status.st_mode):
        found = _KINDS.get(stat.S_IFMT(status.st_mode), "something else")
        raise checks.InvalidValueError(
            f"`{name}` must be a regular file. Received: {found}"
        )
    if max_bytes is not None:
        _require_size(path, status.st_size, max_bytes)


def _require_size(path, size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise checks.InvalidValueError(
            f"`{os.fspath(path)}` must be at most {max_bytes} bytes. Received: {size}"
        )


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CUT = re.compile(r"\d+ requested and \d+ written")  # an array of NumPy's


def sha256(path: str | os.PathLike) -> str:
    """Returns the SHA-256 of a regular file, 64 hexadecimal digits."""
    return sha256_and_state(path)[0]


def sha256_and_state(path: str | os.PathLike) -> tuple[str, tuple[int, ...]]:
    """Returns the SHA-256 of a file, and its `state` when it was opened for that."""
    with opened(path) as file:
        found = _state(os.fstat(file.fileno()))
        return hashlib.file_digest(file, "sha256").hexdigest(), found


def state(path: str | os.PathLike) -> tuple[int, ...]:
    """Returns what is another once a file is written to, or another has its name.

    Equal states are of equal content; one content may have several states.
    """
    return _state(os.stat(path))


def _state(found: os.stat_result) -> tuple[int, ...]:
    times = found.st_mtime_ns, found.st_ctime_ns
    return found.st_dev, found.st_ino, found.st_size, *times


def write_text(path: str | os.PathLike, text: str) -> None:
    """Writes a file that is there whole or not at all, whatever happens."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: str | os.PathLike, content: bytes) -> None:
    """As `write_text`."""
    temporary = f"{os.fspath(path)}.new"
    with naming(path):
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
            with open(os.open(temporary, flags, 0o666), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.rename(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.remove(temporary)
            raise


def write_array(path: str | os.PathLike, array) -> None:
    """Writes an array to an `.npy` file.

    `numpy.save` leaves the last block to the C library, and what that says of a full
    disk is lost: the file is shorter, and nobody is told.

    Raises:
        OSError: If the disk has no room, with the path.
        ValueError: If it holds objects.
    """
    import numpy as np  # listing commands does not need it

    content = np.asarray(array, order="C")
    checks.require(not content.dtype.hasobject, "array", "of numbers", content.dtype)
    with naming(path), open(path, "wb") as file:
        head = np.lib.format.header_data_from_array_1_0(content)
        np.lib.format.write_array_header_1_0(file, head)
        file.write(content.reshape(-1).view(np.uint8).data)


@contextlib.contextmanager
def naming(path: str | os.PathLike) -> Iterator[None]:
    """Within the block an error of the system names a path, as a full disk does not."""
    try:
        yield
    except Exception as error:
        number = _errno(error)
        if number is None:
            raise
        raise OSError(number, os.strerror(number), os.fspath(path)) from error


def _errno(error: Exception) -> int | None:
    """Returns the number of an error of the system that names no path, or None.

    NumPy, TensorFlow and HDF5 have words of their own for a full disk.
    """
    if not isinstance(error, OSError):
        return next((n for n in _FULL if os.strerror(n) in str(error)), None)
    if error.errno is None and _CUT.search(str(error)):
        return errno.ENOSPC
    return error.errno if error.filename is None else None


def sync(path: str | os.PathLike) -> None:
    """Returns when a file or a folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: str) -> None:
    """Returns when a folder and all that is in it is on the disk."""
    for entry in pathlib.Path(folder).rglob("*"):
        if not entry.is_symlink():
            sync(entry)
    sync(folder)


def rename(old: str, new: str) -> None:
    """Gives a file or a folder another name in its folder, on the disk too.

    `new` must not exist, or of a folder be an empty one.
    """
    os.rename(old, new)
    sync(os.path.dirname(os.path.abspath(new)))


@contextlib.contextmanager
def making(folder: str) -> Iterator[None]:
    """Makes a folder for the block, with those above it.

    If the block raises, those that were made go again, unless something is in them.
    """
    made, place = [], os.path.abspath(folder)
    while not os.path.lexists(place):
        made.append(place)
        place = os.path.dirname(place)
    try:
        os.makedirs(folder, exist_ok=True)
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            for each in made:
                with contextlib.suppress(FileNotFoundError):
                    os.rmdir(each)
        raise


@contextlib.contextmanager
def taken_back(
    folder: str, patterns: Sequence[str], keep: Callable[[], bool]
) -> Iterator[None]:
    """If the block raises, what it made in a folder goes again, with the folder.

    Args:
        folder: That need not be there.
        patterns: Which files and folders below it, as `glob` takes them.
        keep: Whether all stays, asked when the block has raised.
    """
    root = pathlib.Path(folder)

    def found() -> set[pathlib.Path]:
        below = {path for pattern in patterns for path in root.glob(pattern)}
        return below | ({root} if root.exists() else set())

    before = found()
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):  # the first error is the one to tell
            for path in [] if keep() else sorted(found() - before, reverse=True):
                if path.is_dir() and not path.is_symlink():
                    with contextlib.suppress(OSError):
                        path.rmdir()  # unless something else is in it
                else:
                    path.unlink(missing_ok=True)
        raise


def is_taken(path: str) -> bool:
    """Returns whether `path` is there and is not an empty folder."""
    if os.path.isdir(path):
        with os.scandir(path) as entries:
            return next(entries, None) is not None
    return os.path.lexists(path)


def remove(path: str) -> None:
    """Removes a file, a link or a folder with all that is in it."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.remove(path)
