"""Training on arrays, or on a dataset, in memory and in one call."""

import os
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from ebm_tf import box, checks, conditions, files, gpus, json_files
from ebm_tf.box import StateSpace
from ebm_tf.conditions import ConditionSpace
from ebm_tf.data import arrays, batches
from ebm_tf.energy import precision
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.custom import as_energy
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.notebook.condition import values_of
from ebm_tf.settings import to_dict
from ebm_tf.training import distribution
from ebm_tf.training.callbacks import ProgressBar
from ebm_tf.training.config import TrainConfig
from ebm_tf.training.trainer import Trainer as Updates


class Trainer:
    """Trains a network on data as its settings say.

    A network that is given is copied, with its weights, to the devices that train: what
    is trained is `energy`, and the given one stays as it is.

    Args:
        network: A `keras.Model` of your own, states -> `[B]` or `[B, 1]`, as
            `ebm_tf.energy.custom.KerasEnergy` calls it; an energy; or the settings
            of a network, such as `ebm_tf.presets.network("digits")`.
        settings: Of the training, such as `ebm_tf.presets.train("digits")`.
        space: The state space; None for what `ebm_tf.data.arrays.examples_of` finds.
        condition_space: What else a `keras.Model` depends on, or None: such as
            `ebm_tf.conditions.Classes(10)`.
        seed: A whole number; decides weights, noise and the order of the data.
        strategy: Devices, as the flag `--strategy` names them: "auto", "one",
            "mirrored" or "cpu:N".

    Attributes:
        energy: The trained network, in the weights that the settings save: the
            average over updates, if there is one. None before `fit`.
        updates: Updates done.
    """

    def __init__(
        self,
        network: keras.Model | EnergyModel | NetworkConfig,
        settings: TrainConfig,
        *,
        space: StateSpace | None = None,
        condition_space: ConditionSpace | None = None,
        seed: int = 0,
        strategy: str = "auto",
    ):
        rule = "a `TrainConfig`, such as `ebm_tf.presets.train(NAME)`"
        checks.require(isinstance(settings, TrainConfig), "settings", rule, settings)
        self._network, self._settings, self._space = network, settings, space
        self._condition_space, self._seed = condition_space, seed
        gpus.apply(settings.gpu)
        self._strategy = distribution.make_strategy(strategy)
        self._updates: Updates | None = None
        self.energy: EnergyModel | None = None

    @property
    def updates(self) -> int:
        """Updates done."""
        return 0 if self._updates is None else self._updates.update

    def fit(
        self,
        x: np.ndarray | tf.data.Dataset,
        labels: np.ndarray | None = None,
        *,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        checkpoints: str | None = None,
    ) -> "Trainer":
        """Runs the updates that the settings ask for, with a progress bar.

        Args:
            x: States, uint8 or floats `[N, ...]`; or a dataset of states, or of
                pairs of a state and its label, not batched.
            labels: Classes, whole numbers `[N]`, or floats `[N, K]` within [0, 1];
                None without. A dataset brings its own.
            callbacks: Of Keras; `on_train_batch_end` gets the logs of an update.
            checkpoints: A folder to save to on the way, and to go on from if an
                earlier call was interrupted; None for none.

        Returns:
            Itself.

        Raises:
            TypeError, ValueError: If the data are not what a network can be trained
                on, or do not fit it.
        """
        done = self._settings.num_updates
        rule = f"called before its {done} updates are done: another Trainer goes on"
        checks.require(self.updates < done, "fit", rule, self.updates)
        data, shape, space, labels = self._read(x, labels)
        if self._updates is None:
            self._updates = self._make(shape, space)
        trainer = self._updates
        self._require_labels(trainer.energy, labels)
        saved = None
        if checkpoints is not None:
            request = {"train": to_dict(self._settings), "seed": self._seed}
            saved = _restored(trainer, checkpoints, request)
        trainer.fit(data, [ProgressBar(trainer), *callbacks], saved)
        trainer.adopt_average()
        self.energy = precision.in_dtype(trainer.energy, "float32")
        return self

    def _read(self, x, labels):
        """Returns batches as `training.trainer` takes them, and what they are of.

        Those are the shape and the space of states, and labels: of arrays as they are,
        of a dataset whether it has any.
        """
        size = self._settings.batch_size
        if self._settings.sizes_per_replica:
            size *= self._strategy.num_replicas_in_sync
        if not isinstance(x, tf.data.Dataset):
            examples = arrays.examples_of(x, labels, self._space)
            data = batches.batches(examples, self._seed, size)
            return data, examples.shape, examples.space, labels
        checks.require(
            labels is None, "labels", "left out: a dataset brings its own", "labels"
        )
        spec = (
            x.element_spec[0] if isinstance(x.element_spec, tuple) else x.element_spec
        )
        space = self._space
        if space is None:
            rule = "given with a dataset of floats, such as `ebm_tf.box.UNIT`"
            checks.require(spec.dtype == tf.uint8, "space", rule, None)
            space = box.PIXELS
        has_labels = isinstance(x.element_spec, tuple) or None
        return arrays.batches_of(x, size, space), tuple(spec.shape), space, has_labels

    @staticmethod
    def _require_labels(energy: EnergyModel, labels) -> None:
        """Raises `ValueError` if there are none for the network, or wrong ones."""
        part = conditions.parts_of(energy.condition_space).get("labels")
        if part is None:
            return
        rule = f"given: the network depends on {part}"
        checks.require(labels is not None, "labels", rule, None)
        if labels is not True:
            values_of(part, labels, len(labels), "labels")

    def _make(self, shape: tuple[int, ...], space: StateSpace) -> Updates:
        with self._strategy.scope():
            energy = self._made(shape, space)
            energy = precision.in_dtype(energy, self._settings.dtype)
        return Updates(
            energy, space, self._settings, seed=self._seed, strategy=self._strategy
        )

    def _made(self, shape: tuple[int, ...], space: StateSpace) -> EnergyModel:
        """Returns the network, its variables made in the scope that this is in."""
        network = self._network
        if isinstance(network, NetworkConfig):
            return build_energy(network, shape, self._seed, space)
        if not isinstance(network, EnergyModel):
            network = as_energy(network, shape, self._condition_space)
        rule = f"of states of shape {network.state_shape}, as the network"
        checks.require(shape == tuple(network.state_shape), "x", rule, shape)
        copy = type(network).from_config(network.get_config())
        for variable, source in zip(copy.variables, network.variables, strict=True):
            variable.assign(source.value)
        return copy


def _restored(trainer: Updates, folder: str, request: dict):
    """Returns the checkpoints in a folder, the newest of them taken up.

    Args:
        trainer: Who goes on from them.
        folder: Where they are, or will be; made if it is missing.
        request: What decides them, for JSON, which stays beside them.

    Raises:
        ValueError: If they are of another network, or of other settings.
    """
    is_path = isinstance(folder, (str, os.PathLike)) and str(folder) != ""
    is_path = is_path and not os.path.isfile(folder)
    checks.require(is_path, "checkpoints", "the path of a folder", folder)
    note = os.path.join(folder, "request.json")
    if os.path.exists(note):
        rule = "of these settings and this seed"
        same = json_files.read_json(note) == request
        checks.require(same, "checkpoints", rule, folder)
    os.makedirs(folder, exist_ok=True)
    files.write_text(note, json_files.dump_json(request))
    saved = trainer.checkpoints(os.fspath(folder))
    try:
        trainer.restore(saved)
    except (AssertionError, ValueError, tf.errors.OpError) as error:
        reason = " ".join(str(error).split())[:120]
        raise checks.InvalidValueError(
            f"`checkpoints` must be of this network, its layers of the same names but "
            f"for Keras's numbers. Received: {folder} ({reason})"
        ) from error
    return saved
