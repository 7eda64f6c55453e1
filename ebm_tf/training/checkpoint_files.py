"""The files of a checkpoint: given their place, read, set aside, removed.

Its index is what makes it a checkpoint: it comes last and goes first.
"""

import errno
import itertools
import os
import pathlib

from ebm_tf import files

# TensorFlow opens the index and each part, and lists the folder.
_SPARE_DESCRIPTORS = 16
_BLOCK = 2**20


def move(aside: pathlib.Path, path: pathlib.Path) -> None:
    """Gives the files in `aside` their place beside `path`, the index last."""
    parts = sorted(aside.glob(path.name + ".*"), key=lambda f: f.suffix == ".index")
    for part in parts:
        files.sync(part)
    index = path.with_suffix(".index")
    index.unlink(missing_ok=True)  # old data must not go with a new index
    for part in parts:
        part.rename(path.parent / part.name)
    files.sync(path.parent)


def remove(path: pathlib.Path) -> None:
    """Removes a checkpoint, its index first."""
    path.with_suffix(".index").unlink(missing_ok=True)
    for file in path.parent.glob(f"{path.name}.data-*"):
        file.unlink()


def set_aside(path: pathlib.Path) -> pathlib.Path:
    """Moves a checkpoint into a new folder beside it, its index first; returns that."""
    for number in itertools.count(1):
        place = path.parent / f"damaged-{number}"
        try:
            place.mkdir()
            break
        except FileExistsError:
            continue
    index = path.with_suffix(".index")
    for part in (index, *path.parent.glob(f"{path.name}.data-*")):
        part.rename(place / part.name)
    return place


def require_readable(path: pathlib.Path) -> None:
    """Reads every file of a checkpoint, whatever is in it.

    Raises:
        OSError: If the system does not let it, or has no descriptors left for others.
        ValueError: If something else than a file has the name of one.
    """
    spare: list[int] = []
    try:
        for _ in range(_SPARE_DESCRIPTORS):
            spare.append(os.open(path.parent, os.O_RDONLY))
    except OSError as error:
        if error.errno not in (errno.EMFILE, errno.ENFILE):
            raise
        error.filename = os.fspath(path)
        raise
    finally:
        for descriptor in spare:
            os.close(descriptor)
    for name in os.listdir(path.parent):
        if name.startswith(f"{path.name}."):
            with files.opened(path.parent / name) as file:
                while file.read(_BLOCK):
                    pass
