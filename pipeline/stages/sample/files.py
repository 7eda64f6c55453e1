"""The files of `sample` while they are made: arrays that grow batch by batch."""

import math
import os
import pathlib
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
        try:
            for name, (dtype, shape) in arrays.items():
                _allocate(self.path(f"{name}.npy"), dtype, (num, *shape))
        except OSError:  # what was made would be in the way of a smaller request
            for name in arrays:
                pathlib.Path(self.path(f"{name}.npy")).unlink(missing_ok=True)
            raise

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
            _overwrite(self.path(f"{name}.npy"), self.num_done, rows[name][:size])
        self.num_done = end
        self._write_progress()

    def _write_progress(self) -> None:
        note = {"num_done": self.num_done, "found": self.found}
        files.write_text(self.path(PROGRESS), json_files.dump_json(note))


def _allocate(path: str, dtype: type, shape: tuple[int, ...]) -> None:
    """Makes the file of an array, of zeros, for which the disk has the room.

    Raises:
        OSError: If it has not, with the path.
    """
    with files.naming(path), open(path, "wb") as file:
        head = {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype))}
        head |= {"fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, head)
        size = math.prod(shape) * np.dtype(dtype).itemsize
        file.flush()
        os.posix_fallocate(file.fileno(), file.tell(), size)


def _overwrite(path: str, first: int, rows: np.ndarray) -> None:
    """Writes rows of an array into its file, from row `first` on.

    Not by a memory map: where that meets a full disk, the system ends the process.
    """
    with files.naming(path), open(path, "r+b") as file:
        np.lib.format.read_magic(file)
        _, _, dtype = np.lib.format.read_array_header_1_0(file)
        content = np.ascontiguousarray(rows, dtype)
        file.seek(first * content[:1].nbytes, os.SEEK_CUR)
        file.write(content.tobytes())
        file.flush()
        os.fsync(file.fileno())
