"""What a run shows while it trains: a progress bar, and TensorBoard."""

import pathlib
import time
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
import tqdm

from ebm_tf import conditions, rng
from ebm_tf.energy.build import bind_condition
from ebm_tf.plots import grid
from ebm_tf.sampling.chain_batches import ChainBatches, Target
from ebm_tf.training import event_order, recovery
from ebm_tf.training.event_writer import EventWriter
from ebm_tf.training.trainer import Trainer

# Others are energies, "energy/NAME", and terms of the loss, "loss/NAME".
_TAGS = {
    "loss": "loss/total",
    "gap": "energy/gap",
    "data_energy": "energy/data",
    "negative_energy": "energy/negatives",
    "gradient_norm": "gradient/norm",
    "movement": "chain/movement",
    "saturated_share": "chain/saturated_share",
    "accept_prob": "chain/accept_prob",
    "step_size": "chain/step_size",
}
_NUM_PREVIEWS = 64
_PREVIEW_COLUMNS = 8


def _tag(name: str) -> str:
    """Returns the tag of a logged value."""
    if name in _TAGS:
        return _TAGS[name]
    if name.endswith("_energy"):
        return f"energy/{name.removesuffix('_energy')}"
    return f"loss/{name}"


class ProgressBar(keras.callbacks.Callback):
    """Updates done, rate, time left, and the gap of energies or the loss."""

    def __init__(self, trainer: Trainer):
        super().__init__()
        self._trainer = trainer

    def on_train_begin(self, logs=None):
        self._bar = tqdm.tqdm(
            desc="train",
            unit="update",
            initial=self._trainer.update,
            total=self._trainer.config.num_updates,
            dynamic_ncols=True,
        )

    def on_train_batch_end(self, batch, logs=None):
        name = "gap" if "gap" in logs else "loss"
        self._bar.set_postfix({name: f"{logs[name]:+.4f}"}, refresh=False)
        self._bar.update()

    def on_train_end(self, logs=None):
        self._bar.close()


class Summaries(keras.callbacks.Callback):
    """TensorBoard's curves, images and histograms of a run.

    Curves are means over the `log_every` updates before a point. Each checkpoint begins
    a new event file, named by its update: a run that goes on from a checkpoint first
    deletes the files that began there or later. So the curves of a run that was stopped
    or killed are those of one that was not, but for its speed; and those of a failed
    attempt make room for the next.

    Args:
        trainer: Whose updates these are.
        folder: Where event files go.
        clock: Returns the time, seconds; its zero does not matter.
    """

    def __init__(
        self,
        trainer: Trainer,
        folder: str,
        clock: Callable[[], float] = time.monotonic,
    ):
        super().__init__()
        self._trainer, self._folder = trainer, pathlib.Path(folder)
        self._clock = clock

    def on_train_begin(self, logs=None):
        trainer = self._trainer
        self._sampler = trainer.objective.preview()
        self._previews = ChainBatches(
            self._target_at,
            trainer.box,
            shape=(_NUM_PREVIEWS, *trainer.energy.state_shape),
            seed=rng.make_seed(0),
            jit=False,
        )
        self._num_timed = 0
        self._folder.mkdir(parents=True, exist_ok=True)
        start = trainer.update
        for path in self._folder.glob("events.out.tfevents.*"):
            number = path.name.rpartition(".")[2]
            if number.isdecimal() and int(number) >= start:  # else it is not of these
                path.unlink()
        self._open_file()
        if start == 0:
            with self._writer.at(0):
                tf.summary.text("config", f"```\n{self._trainer.config}\n```")
        progress = self._trainer.progress
        if progress.retry and start == progress.since:
            with self._writer.at(start):
                note = recovery.describe(progress, self._trainer.config)
                tf.summary.text("recovery/reason", note)
        self._since = self._clock()

    def _open_file(self):
        event_order.keep(self._folder)
        self._writer = EventWriter(self._folder, f".{self._trainer.update}")

    def on_train_batch_end(self, batch, logs=None):
        config, done = self._trainer.config, self._trainer.update
        self._num_timed += 1
        if done % config.log_every == 0:
            # NumPy's numbers: TensorFlow keeps a tensor for every Python one.
            with self._writer.at(np.int64(done)):
                self._write_scalars()
                if done % config.image_every == 0:
                    self._write_pictures(logs)
            self._since = self._clock()
        if done % config.checkpoint_every == 0:
            self._writer.close()
            self._open_file()

    def _write_scalars(self):
        for name, mean in self._trainer.means.take().items():
            tf.summary.scalar(_tag(name), np.float32(mean))
        config = self._trainer.config
        rate = self._num_timed * config.batch_size / (self._clock() - self._since)
        tf.summary.scalar("speed/images_per_s", np.float32(rate))
        steps = rate * config.objective.num_chain_steps
        if steps:
            tf.summary.scalar("speed/langevin_steps_per_s", np.float32(steps))
        if config.recovery is not None:
            tf.summary.scalar("recovery/retry", self._trainer.retry)
        self._num_timed = 0

    def _write_pictures(self, logs):
        for name, value in logs.items():
            if name.endswith("_energies"):
                tag = _tag(name.removesuffix("_energies") + "_energy")
                tf.summary.histogram(f"{tag}_histogram", value)
        shape, space = self._trainer.energy.state_shape, self._trainer.box
        if len(shape) != 3 or not grid.can_show(shape):
            return
        shown = {}
        if self._trainer.memory is not None:
            shown["replay"] = self._trainer.memory.states(_NUM_PREVIEWS)
        if self._sampler is not None:
            shown["from_noise"] = self._chains_from_noise()
        for tag, states in shown.items():
            stored = np.asarray(space.encode(states))
            pictures = grid.as_images(stored, len(shape), space)
            tiled = grid.tile(pictures, columns=_PREVIEW_COLUMNS)
            tf.summary.image(f"samples/{tag}", tiled[None])

    def _target_at(self, condition: conditions.Condition) -> Target:
        energy_fn = bind_condition(self._trainer.energy, condition)
        return Target(energy_fn, self._sampler)

    def _chains_from_noise(self) -> tf.Tensor:
        """Returns the ends of chains from noise, from the same noise every time."""
        space = self._trainer.energy.condition_space
        in_turn = conditions.in_turn(space, 0, _NUM_PREVIEWS)
        condition = conditions.each(tf.constant, in_turn)
        num_steps = self._trainer.config.preview_steps
        [end] = self._previews.batch(0, condition, [num_steps])
        return end.x

    def on_train_end(self, logs=None):
        self._writer.close()
