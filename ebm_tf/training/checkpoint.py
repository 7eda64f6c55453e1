"""Checkpoints of all that an update changes: weights, optimizer, buffer, count.

Variables are named by their paths. `tf.train.Checkpoint(model=keras_model)` drops
what hangs in Python lists and dicts, without a word even from `assert_consumed`.
"""

import keras
import tensorflow as tf

from ebm_tf.sampling.replay import ReplayBuffer


def _by_path(variables) -> dict:
    named = {v.path: v.value for v in variables}
    if len(named) < len(variables):
        raise RuntimeError("two variables of the network have one path")
    return named


class Checkpoints:
    """The newest checkpoints of one training run, in one folder.

    Args:
        energy: The network.
        optimizer: Its optimizer, built.
        buffer: The replay buffer.
        folder: Where checkpoints are; made by the first `save`.
        keep: How many of the newest stay.
    """

    def __init__(
        self,
        energy: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        buffer: ReplayBuffer,
        *,
        folder: str,
        keep: int,
    ):
        self._update = tf.Variable(0, dtype=tf.int64, trainable=False)
        checkpoint = tf.train.Checkpoint(
            energy=_by_path(energy.variables),
            optimizer=_by_path(optimizer.variables),
            buffer=buffer.variables,
            update=self._update,
        )
        self._manager = tf.train.CheckpointManager(checkpoint, folder, max_to_keep=keep)

    @property
    def folder(self) -> str:
        """Where the checkpoints are."""
        return self._manager.directory

    @property
    def latest(self) -> str | None:
        """Path of the newest checkpoint, or None."""
        return self._manager.latest_checkpoint

    def save(self, update: int) -> None:
        """Writes the state after so many updates."""
        self._update.assign(update)
        self._manager.save(checkpoint_number=update)

    def restore(self) -> int:
        """Restores the newest checkpoint; returns its number of updates, or 0."""
        path = self._manager.latest_checkpoint
        if path is None:
            return 0
        self._manager.checkpoint.restore(path).assert_consumed()
        return int(self._update.numpy())
