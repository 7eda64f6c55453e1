"""Files and folders: written so that they outlive a crash, digested, removed."""

import hashlib
import os
import pathlib
import shutil


def sha256(path: str | os.PathLike) -> str:
    """Returns the SHA-256 of a file, 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_text(path: str | os.PathLike, text: str) -> None:
    """Writes a file that is there whole or not at all, whatever happens."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: str | os.PathLike, content: bytes) -> None:
    """As `write_text`."""
    temporary = f"{os.fspath(path)}.new"
    with open(temporary, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.rename(temporary, path)


def sync(path: str | os.PathLike) -> None:
    """Returns when a file or a folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def commit(folder: str, path: str) -> None:
    """Puts `folder` on the disk and renames it to `path`.

    `path` must not exist, or be an empty folder.
    """
    for entry in pathlib.Path(folder).rglob("*"):
        if not entry.is_symlink():
            sync(entry)
    sync(folder)
    os.rename(folder, path)
    sync(pathlib.Path(path).resolve().parent)


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
