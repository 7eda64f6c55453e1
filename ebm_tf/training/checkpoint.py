"""Checkpoints of all that an update changes: weights, optimizer, memory, progress.

Variables are named by their paths. `tf.train.Checkpoint(model=keras_model)` drops
what hangs in Python lists and dicts, without a word even from `assert_consumed`.

A checkpoint is written aside, put on the disk, and renamed, its index last: files
under the name of a checkpoint are whole, whatever ends the process.

With several workers it is the chief who writes, the parts of all in one file, and who
says what is read; the others read the same files.
"""

import os
import pathlib
import re
import shutil

import keras
import tensorflow as tf
from absl import logging

from ebm_tf import checks
from ebm_tf.energy.model import EnergyModel
from ebm_tf.training import checkpoint_files, variable_names
from ebm_tf.training.recovery import Progress
from ebm_tf.training.workers import Workers

# What TensorFlow raises for one that is damaged, and for much else.
_DAMAGED = (tf.errors.OpError, RuntimeError, IndexError, UnicodeDecodeError)
_OF_SYSTEM = (
    tf.errors.ResourceExhaustedError,
    tf.errors.PermissionDeniedError,
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
)
_INDEX = re.compile(r"ckpt-(\d+)(?:-retry-(\d+))?(?:-stop)?\.index")
_STOP = "-stop"


def _by_path(variables) -> dict:
    named = {v.path: v.value for v in variables}
    if len(named) < len(variables):
        raise RuntimeError("two variables of the network have one path")
    return named


def read_energy(energy: EnergyModel, path: str) -> None:
    """Gives a network the weights, and u of its spectral norms, of a checkpoint.

    The last weights: their moving average is what `model.keras` holds.

    Args:
        energy: The network that was trained.
        path: Of the checkpoint, without its ending.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it cannot be read, or is of another network.
    """
    checks.require_file(f"{path}.index", "the checkpoint")
    try:
        status = tf.train.Checkpoint(energy=_by_path(energy.variables)).read(path)
        status.assert_existing_objects_matched().expect_partial()
    except (tf.errors.OpError, AssertionError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise checks.InvalidValueError(
            f"{path} is no checkpoint of this network: {reason}"
        ) from error


class Checkpoints:
    """The newest checkpoints of one training run, in one folder.

    Args:
        energy: The network.
        optimizer: Its optimizer, built.
        memory: What the objective keeps, such as a `ReplayBuffer`, or None.
        workers: Who trains together.
        folder: Where checkpoints are, the same for all workers; made by the first
            `save`.
        keep: How many of the newest stay.
    """

    def __init__(
        self,
        energy: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        memory,
        *,
        workers: Workers,
        folder: str,
        keep: int,
    ):
        self._folder, self._keep = pathlib.Path(folder), keep
        self._workers = workers
        with tf.device("/cpu:0"):  # a text is at home nowhere else
            self._progress = tf.Variable("", trainable=False)
        self._memory = memory
        self._dense = {
            "energy": _by_path(energy.variables),
            "optimizer": _by_path(optimizer.variables),
            "progress": self._progress,
        }

    @property
    def folder(self) -> str:
        """Where the checkpoints are."""
        return str(self._folder)

    @property
    def latest(self) -> str | None:
        """Path of the newest checkpoint, or None."""
        found = self._found()
        return str(found[max(found)]) if found else None

    @property
    def latest_update(self) -> int | None:
        """Updates done at the newest checkpoint, or None."""
        return max(self._found(), default=(None,))[0]

    def _found(self) -> dict[tuple[int, int], pathlib.Path]:
        """Returns what whole checkpoints are called, by update and retry, in order.

        Raises:
            OSError: If the folder is there and cannot be read.
        """
        try:
            names = os.listdir(self._folder)
        except FileNotFoundError:
            return {}
        found = {
            (int(match[1]), int(match[2] or 0)): self._folder / name[: -len(".index")]
            for name in names
            if (match := _INDEX.fullmatch(name))
        }
        return dict(sorted(found.items()))

    def save(self, progress: Progress, stop: bool = False) -> None:
        """Writes the present state; every worker has to call it.

        Another checkpoint of the same update and the oldest beyond `keep` go.

        Args:
            progress: Where the run is.
            stop: Whether it is there only because the run is stopped. Such a one takes
                no other's place, and goes when the next is saved: what a run leaves
                does not depend on where it was stopped.

        Raises:
            OSError: If it cannot be written; the checkpoints that were there stay.
        """
        parts = {}
        if self._memory is not None:
            parts = self._workers.gather_parts(self._memory.parts)
        if self._workers.is_chief:
            path = self._path(progress.update, progress.retry)
            self._write(progress, parts, _of_stop(path) if stop else path)

    def _path(self, update: int, retry: int) -> pathlib.Path:
        return self._folder / (f"ckpt-{update}" + (f"-retry-{retry}" if retry else ""))

    def _write(
        self, progress: Progress, parts: dict[str, dict], path: pathlib.Path
    ) -> None:
        self._progress.assign(progress.to_json())
        with tf.device("/cpu:0"):
            kept = tf.nest.map_structure(tf.Variable, parts)
        buffer = {"buffer": kept} if kept else {}
        aside = self._folder / "unfinished"
        shutil.rmtree(aside, ignore_errors=True)  # of a process that was killed
        aside.mkdir(parents=True)
        try:
            state = tf.train.Checkpoint(**self._dense, **buffer)
            state.write(str(aside / path.name))
            checkpoint_files.move(aside, path)
        except tf.errors.OpError as error:
            reason = error.message.rpartition("; ")[2].partition(" [Op:")[0]
            raise OSError(f"cannot write {path}: {reason}") from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        for (update, _), old in self._found().items():
            if update == progress.update and old != path:
                checkpoint_files.remove(old)
        if not _is_of_stop(path):
            self.drop_stop()
            for old in list(self._found().values())[: -self._keep]:
                checkpoint_files.remove(old)

    def drop_stop(self) -> None:
        """Removes the checkpoint of a stop, if others are there to go back to."""
        found = self._found().values()
        stops = [path for path in found if _is_of_stop(path)]
        if self._workers.is_chief and len(stops) < len(found):
            for path in stops:
                checkpoint_files.remove(path)

    def drop_latest(self) -> None:
        """Removes the newest checkpoint if an older one is there to go back to."""
        found = self._found()
        if self._workers.is_chief and len(found) > 1:
            checkpoint_files.remove(found[max(found)])

    def restore(self) -> Progress | None:
        """Restores the newest checkpoint that can be read; None if there are none.

        Every worker has to call it, and reads what the chief could read. Damaged ones
        are set aside, each in a folder `damaged-N`, when an older one could be read,
        and a warning says so. A buffer that another number of replicas saved is
        divided anew.

        Raises:
            OSError: If the system does not let a file be read; nothing is set aside.
            ValueError: If all checkpoints are damaged: they stay where they are; or
                one is of another network, or the buffer has another size.
        """
        found = self._read_newest() if self._workers.is_chief else None
        update = self._workers.from_chief(found.update if found else -1)
        retry = self._workers.from_chief(found.retry if found else 0)
        if self._workers.is_chief or update == -1:
            return found
        path = self._path(update, retry)
        if _of_stop(path).with_suffix(".index").exists():
            path = _of_stop(path)
        try:
            return self._read(str(path))
        except _DAMAGED as error:
            raise checks.InvalidValueError(
                f"the chief reads the checkpoint {path}, this worker cannot: all "
                "workers need one run folder"
            ) from error

    def _read_newest(self) -> Progress | None:
        damaged: dict[pathlib.Path, str] = {}
        for path in reversed(self._found().values()):
            reason = None
            try:
                progress = self._read(str(path))
            except _DAMAGED:
                reason = self._damage_of(path)
                progress = None if reason else self._read(str(path))
            if progress is not None:
                self._set_aside(damaged, path)
                return progress
            damaged[path] = reason
        if damaged:
            told = "; ".join(f"{path}: {reason}" for path, reason in damaged.items())
            raise checks.InvalidValueError(
                f"no checkpoint can be read, all are damaged and stay as they are: "
                f"{told}. Put one back, or remove {self._folder} to train from the "
                "start"
            )
        return None

    def _damage_of(self, path: pathlib.Path) -> str | None:
        """Returns why a checkpoint is damaged; None if it can be read after all.

        TensorFlow answers a lack of descriptors or memory as it does damage: what
        every file of it can be read, and it still says so, is damaged.

        Raises:
            OSError: If a file cannot be read.
        """
        checkpoint_files.require_readable(path)
        try:
            self._read(str(path))
        except _DAMAGED as error:
            checkpoint_files.require_readable(path)
            reason = str(error).partition("\n")[0]
            if isinstance(error, _OF_SYSTEM):
                raise OSError(f"cannot read {path}: {reason}") from error
            return reason
        return None

    def _set_aside(self, damaged: dict[pathlib.Path, str], good: pathlib.Path) -> None:
        for path, reason in damaged.items():
            place = checkpoint_files.set_aside(path)
            logging.warning(
                "checkpoint %s is damaged and was set aside in %s, %s is taken: %s",
                path,
                place,
                good.name,
                reason,
            )

    def _read(self, path: str) -> Progress:
        named = self._named_as_in(path)
        try:
            status = tf.train.Checkpoint(**named).read(path)
            # What the objective keeps is read below.
            status.assert_existing_objects_matched().expect_partial()
        except (AssertionError, ValueError) as error:
            reason = str(error).partition("\n")[0]
            raise checks.InvalidValueError(
                f"{path} is no checkpoint of this network: {reason}"
            ) from error
        if self._memory is not None:
            self._read_memory(path)
        return Progress.from_json(self._progress.numpy().decode())

    def _named_as_in(self, path: str) -> dict:
        """Returns the variables by the names that a checkpoint has for them.

        Where it is not of this network, they stay as they are, and reading says so.
        """
        stored = _paths_in(path, "energy")
        weights = self._dense["energy"]
        renamed = variable_names.counterparts(weights, stored)
        if renamed is None or all(old == new for old, new in renamed.items()):
            return self._dense
        optimizer = {
            variable_names.of_optimizer(name, renamed): variable
            for name, variable in self._dense["optimizer"].items()
        }
        energy = {renamed[name]: variable for name, variable in weights.items()}
        return self._dense | {"energy": energy, "optimizer": optimizer}

    def _read_memory(self, path: str) -> None:
        reader = tf.train.load_checkpoint(path)
        parts = {}
        for key in reader.get_variable_to_shape_map():
            if key.startswith("buffer/"):
                _, replica, name, *_ = key.split("/")
                parts.setdefault(int(replica), {})[name] = reader.get_tensor(key)
        self._memory.fill([parts[replica] for replica in sorted(parts)])


def _of_stop(path: pathlib.Path) -> pathlib.Path:
    return path.with_name(path.name + _STOP)


def _is_of_stop(path: pathlib.Path) -> bool:
    return path.name.endswith(_STOP)


def _paths_in(path: str, group: str) -> list[str]:
    """Returns the paths of the variables that a checkpoint has in a group."""
    keys = tf.train.load_checkpoint(path).get_variable_to_shape_map()
    names = [key.split("/")[1] for key in keys if key.startswith(f"{group}/")]
    # TensorFlow writes "." as ".." and "/" as ".S" in the names of a checkpoint.
    return [re.sub(r"\.([.S])", _unescaped, name) for name in names]


def _unescaped(found: re.Match) -> str:
    return "/" if found[1] == "S" else "."
