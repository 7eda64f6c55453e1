"""The training loop: updates in order, Keras callbacks, checkpoints, stops."""

import dataclasses
import functools
import itertools
import signal
from collections.abc import Callable, Iterable, Sequence

import keras
import numpy as np
import tensorflow as tf
from absl import logging

from ebm_tf import checks, resources, rng, signals
from ebm_tf.box import StateSpace
from ebm_tf.conditions import parts_of
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.pure import require_pure_layers
from ebm_tf.energy.spectral import refresh_spectra
from ebm_tf.interruption import Interrupted
from ebm_tf.objectives.contract import Objective, Setup
from ebm_tf.sampling.slots import joined
from ebm_tf.training import distribution, recovery
from ebm_tf.training.checkpoint import Checkpoints
from ebm_tf.training.collapse import FlatGap
from ebm_tf.training.config import TrainConfig
from ebm_tf.training.errors import Diverged, TrainingStopped
from ebm_tf.training.means import Means
from ebm_tf.training.optimizer import make_learning_rate, make_optimizer
from ebm_tf.training.recovery import Progress, Watch
from ebm_tf.training.step import ReplicaStep, StepResult, require_batch
from ebm_tf.training.workers import Workers
from ebm_tf.types import Seed

# Power iterations that bring u, which followed the last weights, to their average.
_SPECTRA_OF_AVERAGE = 20

# `(first, last) -> (stored [B, ...], labels [B, ...])` of updates first..last - 1.
Batches = Callable[[int, int], Iterable[tuple[np.ndarray, np.ndarray]]]


class Trainer:
    """Owns what an update changes: the energy, its optimizer, the objective's memory.

    The seed of update t is `fold_in(run_seed, t)`, and the batch of update t is
    asked for by its number, so a restored trainer goes on as if never stopped.

    Args:
        energy: The network, made within `strategy.scope()`.
        box: The state space.
        config: Settings of training.
        seed: A whole number; decides all noise.
        strategy: Which devices train; see `distribution.make_strategy`.

    Attributes:
        update: Number of updates done.
        config: The settings in force: a retry has others than the first attempt.
        objective: What is minimized, in the settings in force.
        memory: What the objective keeps from update to update, or None.
        workers: Who trains together. Each runs all of this in the same order.
        retry: How many times the run went back after a failure.
        means: Of the logs since they were last shown, which checkpoints keep.

    Raises:
        ValueError: If the batch cannot be divided by the replicas, or the network
            computes in another type than `config` says, is not for the objective, is
            one of another state space than `box`, was made outside of
            `strategy.scope()`, or has a layer that draws, keeps statistics or writes.
    """

    def __init__(
        self,
        energy: EnergyModel,
        box: StateSpace,
        config: TrainConfig,
        *,
        seed: int,
        strategy: tf.distribute.Strategy,
    ):
        self.workers, num_replicas = Workers(strategy), strategy.num_replicas_in_sync
        config = config.for_replicas(num_replicas)
        recovery.require_retries(config)
        checks.require(
            config.batch_size % num_replicas == 0,
            "batch_size",
            f"divisible by the {num_replicas} replicas",
            config.batch_size,
        )
        checks.require(
            energy.compute_dtype == config.dtype,
            "energy",
            f"a network that computes in {config.dtype} (see `energy.precision`)",
            energy.compute_dtype,
        )
        if energy.space is None:
            energy.space = box
        rule = f"the network's own state space, {energy.space}"
        checks.require(energy.space == box, "box", rule, str(box))
        require_pure_layers(energy, "energy")
        distribution.require_made_in(strategy, energy.variables)
        levels = parts_of(energy.condition_space).get("noise_level")
        config.objective.require_noise_levels(levels)
        self.energy, self.box = energy, box
        self.strategy, self.jit = strategy, distribution.resolve_jit(config.compile)
        self._first_config, self._root_seed = config, rng.make_seed(seed)
        _, memory_seed = rng.split(self._root_seed, 2)
        weights = sum(resources.size(v.shape) for v in energy.trainable_variables)
        # Two moments, and the gradients of an update.
        need = resources.Need("Adam", 3 * weights, ("energy",))
        resources.require([need])
        with strategy.scope():
            self.optimizer = make_optimizer(config.optimizer, config.num_updates)
            self.optimizer.build(energy.trainable_variables)
        self.memory = self._make_objective(config).make_memory(
            self.workers.replicas, memory_seed
        )
        self._set_progress(Progress())

    def _make_objective(self, config: TrainConfig) -> Objective:
        setup = Setup(
            energy=self.energy,
            box=self.box,
            batch_size=config.batch_size,
            num_updates=config.num_updates,
            compiled=functools.partial(
                tf.function, jit_compile=self.jit, autograph=False
            ),
        )
        return config.objective.make(setup)

    def _set_progress(self, progress: Progress) -> None:
        """Takes up the seed and the settings of an attempt, and compiles them."""
        self._begun, self.update, self.retry = progress, progress.update, progress.retry
        self.config = recovery.retried(self._first_config, self.retry)
        self._watch = Watch(self.config.recovery, progress.recent)
        self._flat_gap = FlatGap()
        self.means = Means(progress.sums, progress.num_summed)
        root = self._root_seed
        self._seed, _ = rng.split(
            rng.fold_in(root, self.retry) if self.retry else root, 2
        )
        self.optimizer.learning_rate = make_learning_rate(
            self.config.optimizer, self.config.num_updates
        )
        self.objective = self._make_objective(self.config)
        self._step = ReplicaStep(
            self.objective,
            self.optimizer,
            self.memory,
            self.config,
            num_replicas=self.strategy.num_replicas_in_sync,
        )
        self._run = tf.function(self._run_update, autograph=False)

    @property
    def progress(self) -> Progress:
        """Where the run is; with the arrays, all that a checkpoint has to keep."""
        return dataclasses.replace(
            self._begun,
            update=self.update,
            recent=self._watch.recent,
            sums=self.means.sums,
            num_summed=self.means.num,
        )

    @property
    def seed(self) -> Seed:
        """The seed of the attempt: update t has `fold_in(seed, t)`."""
        return self._seed

    def _run_update(self, stored, condition, update) -> StepResult:
        return self.trace_update(stored, condition, rng.fold_in(self._seed, update))

    def trace_update(self, stored, condition, seed: Seed) -> StepResult:
        """Runs an update by the seed given, and counts nothing but the optimizer's.

        For who compiles it as a part of something else: see `run_update`.

        Args:
            stored: Data as it is stored, of each replica.
            condition: As `run_update` takes it, of each replica.
            seed: `int32[2]`, of this update.
        """
        result = self.strategy.run(self._step, args=(stored, condition, seed))
        shares = {
            name: self.strategy.reduce("SUM", value, axis=None)
            for name, value in result.shares.items()
        }
        return result._replace(shares=shares)

    def run_update(self, stored: np.ndarray, condition: np.ndarray) -> dict:
        """Runs the next update on one global batch.

        Args:
            stored: Data as it is stored, `[batch_size, ...]`.
            condition: What data carry of it: labels, `int32 [batch_size]` or `float32
                [batch_size, K]`; unused by an energy without labels.

        Returns:
            Global means by name, floats; and of each energy that the objective
            names, as "data_energies" and "negative_energies", those of this worker's
            rows, float32 `[B]`, nats.

        Raises:
            TypeError: If `stored` has another dtype than data are stored with.
            ValueError: If there are more or fewer than `batch_size`, they are of
                another shape than the network's states, or not finite and within the
                state space; or there are no labels for a network that needs them.
        """
        size = self.config.batch_size
        require_batch(self.energy, self.box, size, np.asarray(stored), condition)
        result = self._run(
            distribution.shard(self.strategy, stored),
            distribution.shard(self.strategy, condition),
            # TensorFlow keeps a tensor for every Python number that it ever saw.
            tf.constant(np.int32(self.update)),
        )
        self.update += 1
        logs = {name: float(value) for name, value in result.shares.items()}
        for name, values in result.energies.items():
            local = self.strategy.experimental_local_results(values)
            parts = [part.numpy() for part in local]
            logs[f"{name}_energies"] = np.concatenate(parts)
        return logs

    def checkpoints(self, folder: str) -> Checkpoints:
        """Returns the checkpoints of this trainer in `folder`; see `restore`."""
        return Checkpoints(
            self.energy,
            self.optimizer,
            self.memory,
            workers=self.workers,
            folder=folder,
            keep=self.config.keep_checkpoints,
        )

    def restore(self, checkpoints: Checkpoints) -> int:
        """Goes on from the newest checkpoint; returns its number of updates, or 0."""
        progress = checkpoints.restore()
        if progress is not None:
            self._set_progress(progress)
        return self.update

    def replay(self) -> dict[str, np.ndarray] | None:
        """Returns what the memories of all workers hold, a row a slot, by name.

        "states" as stored, and the parts of their condition, such as "labels". None
        if the objective keeps nothing.
        """
        if self.memory is None:
            return None
        held = joined(self.workers.gather_parts(self.memory.parts))
        names = {"states", *parts_of(self.energy.condition_space)}
        return {name: rows for name, rows in held.items() if name in names}

    def go_on_from(self, update: int) -> None:
        """Goes on after so many updates, whose outcome the variables hold already."""
        self._set_progress(Progress(update=update))

    def adopt_average(self) -> None:
        """Makes the moving average of the weights the energy's, if one is kept.

        Training cannot go on after it as if nothing had happened: call it last.
        """
        if self.config.optimizer.ema_decay is not None:
            self.optimizer.finalize_variable_values(self.energy.trainable_variables)
            refresh_spectra(self.energy, _SPECTRA_OF_AVERAGE)

    def fit(
        self,
        batches: Batches,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        checkpoints: Checkpoints | None = None,
    ) -> None:
        """Runs the updates that are left, up to `config.num_updates`.

        Callbacks get `on_train_begin`, `on_train_batch_begin(t)`,
        `on_train_batch_end(t, logs)` with the logs of `run_update`, and
        `on_train_end`; t counts from 0. There are no epochs. A failed update has no
        `on_train_batch_end`; every retry (see `RecoveryConfig`) is a training of its
        own to callbacks, from `on_train_begin` to `on_train_end`.

        Raises:
            ValueError: If the settings have `recovery` and there are no `checkpoints`,
                a batch is not what `run_update` takes, or there are too few: what was
                done is saved then, if there are `checkpoints`.
            Diverged: If the run failed, and there are no retries left; nothing was
                saved after the failure.
            Interrupted: On SIGINT or SIGTERM, after the update under way, which is
                saved if there are `checkpoints`.
        """
        if self.config.recovery is not None:
            checks.require(checkpoints, "checkpoints", "given, to go back to", None)
            if checkpoints.latest is None:
                checkpoints.save(self.progress)
        hooks = keras.callbacks.CallbackList(
            list(callbacks), add_history=False, add_progbar=False, model=self.energy
        )
        try:
            with signals.deferred() as stop:
                while failure := self._attempt(batches, hooks, checkpoints, stop):
                    self._go_back(f"{failure} at update {self.update}", checkpoints)
                if checkpoints and self.update == self.config.num_updates:
                    checkpoints.drop_stop()  # a kill may have come between
        except (TrainingStopped, Interrupted):
            self.workers.leave()
            raise

    def _attempt(self, batches, hooks, checkpoints, stop) -> str | None:
        """Runs the updates that are left; returns why one failed, or None."""
        hooks.on_train_begin()
        try:
            num_left = self.config.num_updates - self.update
            data = batches(self.update, self.config.num_updates)
            for stored, condition in itertools.islice(data, max(num_left, 0)):
                hooks.on_train_batch_begin(self.update)
                logs = self.run_update(stored, condition)
                failure = self._watch.check(logs)
                if failure:
                    return failure  # by global means: all workers find the same
                self._warn(self._flat_gap.check(logs))
                self.means.add(logs)
                hooks.on_train_batch_end(self.update - 1, logs)
                if self.workers.total(int(stop.signum is not None)):
                    stop.signum = stop.signum or signal.SIGTERM  # another's is ours
                is_due = self._is_checkpoint_due()
                if checkpoints and (stop.signum or is_due):
                    checkpoints.save(self.progress, stop=not is_due)
                if stop.signum:
                    raise Interrupted(self._stopped(checkpoints), stop.signum)
            self._require_done(checkpoints)
        finally:
            hooks.on_train_end()
        return None

    def _warn(self, found: str | None) -> None:
        if found and self.workers.is_chief:
            logging.warning("update %d: %s", self.update, found)

    def _require_done(self, checkpoints: Checkpoints | None) -> None:
        """Raises `ValueError` if the batches ran out before the last update."""
        if self.update >= self.config.num_updates:
            return
        if checkpoints and self.update > self._begun.update:
            checkpoints.save(self.progress, stop=not self._is_checkpoint_due())
        kept = f", {'saved' if checkpoints else 'not saved'}"
        rule = f"enough for {self.config.num_updates} updates"
        done = f"an end after {self.update}{kept}"
        checks.require(False, "batches", rule, done)

    def _go_back(self, failure: str, checkpoints: Checkpoints | None) -> None:
        """Begins the next retry; raises `Diverged` if there is none left."""
        policy = self.config.recovery
        if policy is None or self.retry == policy.max_retries:
            good = checkpoints.latest if checkpoints else None
            kept = "no checkpoint" if good is None else f"the checkpoint {good}"
            tried = f" in retry {self.retry}, the last" if policy else ""
            raise Diverged(f"training diverged: {failure}{tried}; {kept} is kept")
        checkpoints.drop_stop()  # without the stop it would not be there
        retry, since = self.retry, self._begun.since
        if retry and checkpoints.latest_update == since:
            checkpoints.drop_latest()  # nothing came of it: one further back
        update = self.restore(checkpoints)
        self._set_progress(
            dataclasses.replace(
                self.progress,  # of the checkpoint
                retry=retry + 1,
                since=update,
                reason=failure,
                recent=(),
            )
        )
        checkpoints.save(self.progress)  # a kill does not bring the old settings back
        if self.workers.is_chief:
            note = recovery.describe(self.progress, self.config)
            logging.warning("training diverged: %s", note)

    def _is_checkpoint_due(self) -> bool:
        done = self.update
        return (
            done % self.config.checkpoint_every == 0 or done == self.config.num_updates
        )

    def _stopped(self, checkpoints: Checkpoints | None) -> str:
        kept = "saved" if checkpoints else "not saved"
        return f"stopped after update {self.update}, {kept}"
