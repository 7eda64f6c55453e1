"""Arrays that a long stage has computed, each part whole on the disk or not there."""

import collections.abc
import io
import pathlib
from collections.abc import Iterator

from ebm_tf import files

from ...store import unfinished


def are_in(folder: str) -> bool:
    """Returns whether an unfinished artifact holds parts."""
    return any(pathlib.Path(folder, unfinished.PARTS).glob("*.npz"))


class PartFiles(collections.abc.MutableMapping):
    """Dicts of arrays by name, each an .npz file of a folder.

    Args:
        folder: Made if missing.
    """

    def __init__(self, folder: str):
        self._folder = pathlib.Path(folder)
        self._folder.mkdir(exist_ok=True)

    def _path(self, name: str) -> pathlib.Path:
        return self._folder / f"{name}.npz"

    def __contains__(self, name) -> bool:
        return self._path(name).exists()

    def __getitem__(self, name: str) -> dict:
        import numpy as np

        if name not in self:
            raise KeyError(name)
        with files.opened(self._path(name)) as stream, np.load(stream) as arrays:
            return dict(arrays)

    def __setitem__(self, name: str, arrays: dict) -> None:
        import numpy as np

        file = io.BytesIO()
        np.savez(file, **arrays)
        files.write_bytes(self._path(name), file.getvalue())

    def __delitem__(self, name: str) -> None:
        self._path(name).unlink()

    def __iter__(self) -> Iterator[str]:
        return (path.stem for path in self._folder.glob("*.npz"))

    def __len__(self) -> int:
        return sum(1 for _ in self)
