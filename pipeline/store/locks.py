"""Folders that one process writes at a time."""

import contextlib
import fcntl
import os
from collections.abc import Iterator

from ebm_tf import checks


@contextlib.contextmanager
def locked(folder: str, path: str) -> Iterator[None]:
    """Holds `folder`, in which `path` is made, against other processes.

    The kernel lets go of it when this process ends, however it does.

    Raises:
        ValueError: If another process holds it.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The other may have renamed or removed it before the lock was free.
            held = os.path.samestat(os.fstat(descriptor), os.stat(folder))
        except (BlockingIOError, FileNotFoundError):
            held = False
        if not held:
            raise checks.InvalidValueError(f"another process is writing {path}")
        yield
    finally:
        os.close(descriptor)
