"""One update: data, what the objective prepares, its loss, and the writes that follow.

`ReplicaStep` is what each replica runs. It is plain Python that calls compiled
functions without synchronization points inside; weights and slots are written
between them, since a synchronization cannot be compiled by XLA.
"""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from ebm_tf import checks, conditions, rng, state_checks
from ebm_tf.box import StateSpace
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.spectral import refresh_spectra
from ebm_tf.objectives.contract import Objective
from ebm_tf.sampling.augment import make_augment
from ebm_tf.training import distribution
from ebm_tf.training.config import TrainConfig
from ebm_tf.types import Seed


class StepResult(NamedTuple):
    """What one replica reports of an update.

    Attributes:
        shares: Scalars whose sums over replicas are global means.
        energies: `[B]`, nats, by name, of the replica's rows, before the update.
    """

    shares: dict[str, tf.Tensor]
    energies: dict[str, tf.Tensor]


def require_batch(
    energy: EnergyModel,
    space: StateSpace,
    batch_size: int,
    stored: np.ndarray,
    condition,
) -> None:
    """Raises unless a global batch is what a training was made for.

    The loss is a sum over rows divided by `batch_size`: of another number of rows it,
    and its gradient, would be another without a word.

    Args:
        energy: The network.
        space: The state space.
        batch_size: B.
        stored: The data as they are stored.
        condition: Their labels.

    Raises:
        TypeError: If `stored` has another dtype than `space` stores.
        ValueError: If it is not `[B, *energy.state_shape]`, or not finite and within
            the space, or there is no label for each row that needs one.
    """
    wanted = [batch_size, *energy.state_shape]
    rule = f"{wanted}, `batch_size` states of the network's shape"
    shape = list(stored.shape)
    checks.require(shape == wanted, "batch", rule, shape)
    state_checks.require_stored(space, stored, "batch")
    part = conditions.parts_of(energy.condition_space).get("labels")
    if part is not None:
        wanted, shape = [batch_size, *part.shape], list(np.shape(condition))
        rule = f"{wanted}: the network has {part}"
        checks.require(shape == wanted, "labels", rule, shape)


class ReplicaStep:
    """One replica's part of an update.

    Args:
        objective: What is minimized; it knows the network and the state space.
        optimizer: Built for the network's trainable weights.
        memory: What the objective keeps, or None.
        config: Settings of training.
        num_replicas: Replicas over all workers.

    Raises:
        ValueError: If data that are no images are to be augmented.
    """

    def __init__(
        self,
        objective: Objective,
        optimizer: keras.optimizers.Optimizer,
        memory,
        config: TrainConfig,
        *,
        num_replicas: int,
    ):
        setup = objective.setup
        self.energy, self.box = setup.energy, setup.box
        self.objective, self.optimizer, self.memory = objective, optimizer, memory
        self.config, self.num_replicas = config, num_replicas
        self.augment = make_augment(
            config.augment, self.energy.state_shape, "train.augment"
        )
        self.gradients = setup.compiled(self._gradients)

    def __call__(self, stored: tf.Tensor, condition, seed: Seed) -> StepResult:
        """Runs the update.

        Args:
            stored: This replica's data as it is stored, `[B, ...]`.
            condition: What data carry of it, labels; unused by an energy without.
            seed: The update's, the same for every replica.
        """
        replica = distribution.replica_id()
        seeds = rng.split(rng.fold_in(seed, replica), self.objective.num_seeds + 2)
        data_seed, *own_seeds, augment_seed = seeds
        if "labels" not in conditions.parts_of(self.energy.condition_space):
            condition = None
        data = self.box.decode(self.augment(stored, augment_seed), data_seed)
        memory = None if self.memory is None else self.memory.part(replica)
        update = tf.convert_to_tensor(self.optimizer.iterations)

        batch = self.objective.prepare(data, condition, memory, own_seeds, update)
        result, gradients = self.gradients(batch)
        self.optimizer.apply(gradients, self.energy.trainable_weights)
        refresh_spectra(self.energy)
        self.objective.store(memory, batch)
        for name, value in self.objective.reports(batch).items():
            result.shares[name] = tf.reduce_mean(value) / self.num_replicas
        return result

    def _gradients(self, batch):
        with tf.GradientTape() as tape:
            loss = self.objective.loss(self.energy, batch)
        weights = [w.value for w in self.energy.trainable_weights]
        gradients = tape.gradient(loss.total, weights)
        # Those of a table of classes come as rows, some of them twice. Adam needs them
        # whole, and a sum over N replicas of rows takes N * N operations a table.
        gradients = [g if g is None else tf.convert_to_tensor(g) for g in gradients]
        means = {
            f"{name}_energy": tf.reduce_sum(energy) / self.config.batch_size
            for name, energy in loss.energies.items()
        }
        shares = {"loss": loss.total, **loss.terms, **means}
        if {"data_energy", "negative_energy"} <= means.keys():
            shares["gap"] = means["data_energy"] - means["negative_energy"]
        # Exact with one replica; with more, the mean of the replicas' norms.
        shares["gradient_norm"] = tf.linalg.global_norm(gradients)
        return StepResult(shares, loss.energies), gradients
