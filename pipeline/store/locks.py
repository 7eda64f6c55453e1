"""Folders that one process writes at a time, and that none replaces while it reads.

The kernel lets go of a lock when the process ends, however it does.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator

from ebm_tf import checks

# Folders that this process reads: it would wait for itself.
_read_here: list[tuple[int, int]] = []


@contextlib.contextmanager
def locked(folder: str, path: str) -> Iterator[None]:
    """Holds `folder`, in which `path` is made, against other processes.

    Raises:
        ValueError: If another process holds it.
    """
    with _opened(folder) as descriptor:
        if not _take(descriptor, folder, fcntl.LOCK_EX):
            raise checks.InvalidValueError(f"another process is writing {path}")
        yield


@contextlib.contextmanager
def locked_if_free(folder: str, shared: bool = False) -> Iterator[bool]:
    """As `locked`, but yields False if another process holds `folder`, or it is gone.

    Args:
        folder: What is held.
        shared: Whether others may read it meanwhile.
    """
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    with contextlib.ExitStack() as stack:
        try:
            descriptor = stack.enter_context(_opened(folder))
        except OSError:  # it is gone, or of another user
            yield False
            return
        yield _take(descriptor, folder, kind)


@contextlib.contextmanager
def read(folder: str) -> Iterator[None]:
    """Within the block no other process replaces `folder`.

    Where the file system has no locks, this holds nothing.

    Raises:
        OSError: If it cannot be opened.
    """
    with _opened(folder) as descriptor:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        identity = _identity(descriptor)
        _read_here.append(identity)
        try:
            yield
        finally:
            _read_here.remove(identity)


@contextlib.contextmanager
def unread(folder: str) -> Iterator[None]:
    """Holds `folder` when no process reads it any more; a line says what is waited for.

    Raises:
        ValueError: If this process reads it.
        OSError: If it cannot be opened.
    """
    with _opened(folder) as descriptor:
        if _identity(descriptor) in _read_here:
            raise checks.InvalidValueError(f"{folder} is read by this very command")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"{folder} is read by another process: waiting until it is done")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _opened(folder: str) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int, folder: str, kind: int) -> bool:
    """Returns whether a folder, open, is held now and still has its name."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        # The other may have renamed or removed it before the lock was free.
        return os.path.samestat(os.fstat(descriptor), os.stat(folder))
    except (BlockingIOError, FileNotFoundError):
        return False


def _identity(descriptor: int) -> tuple[int, int]:
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino
