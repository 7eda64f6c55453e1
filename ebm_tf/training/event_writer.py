"""TensorBoard's event files, written whole, or with an error that says why not.

TensorFlow drops what it could not write when a writer is closed, without a word, and
its errors before that are no errors of the system.
"""

import contextlib
import os
from collections.abc import Iterator

import tensorflow as tf

_NAME = "events.out.tfevents"  # in the message of an error about such a file


class EventWriter:
    """One event file.

    Args:
        folder: Where it is; made if missing.
        suffix: The end of its name.

    Raises:
        OSError: If it cannot be written, such as for a full disk.
    """

    def __init__(self, folder: str | os.PathLike, suffix: str = ""):
        self._folder = os.fspath(folder)
        with self._naming():
            self._writer = tf.summary.create_file_writer(
                self._folder, filename_suffix=suffix
            )

    @contextlib.contextmanager
    def at(self, step) -> Iterator[None]:
        """Within the block `tf.summary` writes to the file, as of `step`.

        Raises:
            OSError: As above.
        """
        with self._naming(), self._writer.as_default(step=step):
            yield

    def close(self) -> None:
        """Returns when all is in the file; raises OSError if it is not."""
        try:
            with self._naming():
                self._writer.flush()
        finally:
            self._writer.close()

    @contextlib.contextmanager
    def _naming(self) -> Iterator[None]:
        try:
            yield
        except tf.errors.OpError as error:
            if _NAME not in error.message:
                raise  # of what was computed to be shown
            first = error.message.partition("\n")[0]
            reason = first.rpartition("; ")[2].partition(" [Op:")[0]
            told = f"cannot write TensorBoard's files in {self._folder}: {reason}"
            raise OSError(told) from error


@contextlib.contextmanager
def writing(folder: str | os.PathLike, step: int, suffix: str = "") -> Iterator[None]:
    """Within the block `tf.summary` writes to one event file of a folder.

    Args:
        folder: Made if missing.
        step: Of all that is written.
        suffix: The end of the file's name.

    Raises:
        OSError: If it cannot be written, such as for a full disk.
    """
    writer = EventWriter(folder, suffix)
    try:
        with writer.at(step):
            yield
    finally:
        writer.close()
