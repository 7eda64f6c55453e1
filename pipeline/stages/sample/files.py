"""The files of `sample` while they are made: arrays that grow batch by batch."""

import os
from collections.abc import Mapping

import numpy as np

from ebm_tf import files, json_files

from ...store.unfinished import PROGRESS


class SampleFiles:
    """Arrays of N rows in a folder, each written from its first row to its last.

    A second one on the same folder goes on where the first stopped: how many rows are
    done, and what was found, stands in `progress.json` beside them.

    Args:
        folder: An existing folder.
        num: Rows in all.
        arrays: Dtype and shape of one row, by the name of the array.

    Attributes:
        num: Rows in all.
        num_done: Rows on the disk.
        found: What was found out up to the first rows, JSON values; kept with them.
    """

    def __init__(
        self, folder: str, num: int, arrays: Mapping[str, tuple[type, tuple[int, ...]]]
    ):
        self._folder, self.num, self._names = folder, num, tuple(arrays)
        self.num_done, self.found = 0, {}
        if os.path.exists(self.path(PROGRESS)):
            note = json_files.read_json(self.path(PROGRESS))
            self.num_done, self.found = note["num_done"], note["found"]
            return
        for name, (dtype, shape) in arrays.items():
            self._open(name, "w+", dtype, (num, *shape)).flush()

    def path(self, name: str) -> str:
        """Returns the path of a file of the folder."""
        return os.path.join(self._folder, name)

    def load(self, name: str) -> np.ndarray:
        """Returns a whole array, on the disk until it is read."""
        return np.load(self.path(f"{name}.npy"), mmap_mode="r")

    def note(self, **found) -> None:
        """Writes down what was found before the first row."""
        self.found = found
        self._write_progress()

    def append(self, **rows: np.ndarray) -> None:
        """Writes rows of every array, and only then that they are there.

        Rows beyond the last one are left out.
        """
        end = min(self.num_done + len(next(iter(rows.values()))), self.num)
        size = end - self.num_done
        for name in self._names:
            # Opened for each batch, so that what was written leaves the memory.
            array = self._open(name, "r+")
            array[self.num_done : end] = rows[name][:size]
            array.flush()
        self.num_done = end
        self._write_progress()

    def _write_progress(self) -> None:
        note = {"num_done": self.num_done, "found": self.found}
        files.write_text(self.path(PROGRESS), json_files.dump_json(note))

    def _open(self, name, mode, dtype=None, shape=None):
        path = self.path(f"{name}.npy")
        return np.lib.format.open_memmap(path, mode, dtype, shape)
