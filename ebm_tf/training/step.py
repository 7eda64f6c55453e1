"""One update: data, negatives, loss, and the four writes that follow from them.

`ReplicaStep` is what each replica runs. It is plain Python that calls compiled
functions without synchronization points inside; weights and slots are written
between them, since a synchronization cannot be compiled by XLA.
"""

from typing import NamedTuple

import keras
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import Box
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.spectral import refresh_spectra
from ebm_tf.metrics import chains
from ebm_tf.sampling.augment import make_augment
from ebm_tf.sampling.replay import ReplayBuffer
from ebm_tf.training import distribution
from ebm_tf.training.config import TrainConfig
from ebm_tf.training.negatives import make_chains
from ebm_tf.training.objective import Objective
from ebm_tf.training.terms import Batch, Chain
from ebm_tf.types import Seed


class StepResult(NamedTuple):
    """What one replica reports of an update.

    Attributes:
        shares: Scalars whose sums over replicas are global means.
        data_energy: `[B]`, nats, of the replica's data, before the update.
        negative_energy: `[B]`, nats, of its negatives.
    """

    shares: dict[str, tf.Tensor]
    data_energy: tf.Tensor
    negative_energy: tf.Tensor


class ReplicaStep:
    """One replica's part of an update.

    Args:
        energy: The network.
        optimizer: Built for the network's trainable weights.
        buffer: Where chains start and end.
        box: The state space.
        config: Settings of training.
        num_replicas: Replicas over all workers.
        jit: Whether to compile chains and gradients with XLA.

    Raises:
        ValueError: If data that are no images are to be augmented.
    """

    def __init__(
        self,
        energy: EnergyModel,
        optimizer: keras.optimizers.Optimizer,
        buffer: ReplayBuffer,
        box: Box,
        config: TrainConfig,
        *,
        num_replicas: int,
        jit: bool,
    ):
        self.energy, self.optimizer, self.buffer = energy, optimizer, buffer
        self.box, self.config, self.num_replicas = box, config, num_replicas
        self.augment = make_augment(config.augment, buffer.shape, "train.augment")
        self.objective = Objective(energy, box, config)
        run_chains = make_chains(energy, box, config)
        self.chain = tf.function(run_chains, jit_compile=jit, autograph=False)
        self.gradients = tf.function(self._gradients, jit_compile=jit, autograph=False)

    def __call__(self, stored: tf.Tensor, labels: tf.Tensor, seed: Seed) -> StepResult:
        """Runs the update.

        Args:
            stored: This replica's data as it is stored, `[B, ...]`.
            labels: `int32 [B]`; unused by an unconditional energy.
            seed: The update's, the same for every replica.
        """
        replica = distribution.replica_id()
        seeds = rng.split(rng.fold_in(seed, replica), 5)
        data_seed, draw_seed, chain_seed, write_seed, augment_seed = seeds
        labels = None if self.energy.condition_space is None else labels
        data = self.box.decode(self.augment(stored, augment_seed), data_seed)
        start = self.buffer.draw(replica, draw_seed, stored.shape[0])
        use_stored = self.buffer.config.labels == "stored"
        negative_labels = start.labels if use_stored else labels
        update = tf.convert_to_tensor(self.optimizer.iterations)

        negatives = self.chain(start.x, negative_labels, chain_seed, update)
        batch = Batch(data, labels, negatives)
        log_normalizer = self.objective.log_normalizer(batch)
        result, gradients = self.gradients(batch, log_normalizer)
        self.optimizer.apply(gradients, self.energy.trainable_weights)
        refresh_spectra(self.energy)
        self.buffer.write(
            replica, start.slots, negatives.x, negative_labels, write_seed
        )
        result.shares.update(self.chain_shares(start.x, negatives))
        return result

    def _gradients(self, batch, log_normalizer):
        with tf.GradientTape() as tape:
            loss = self.objective(batch, log_normalizer)
        weights = [w.value for w in self.energy.trainable_weights]
        gradients = tape.gradient(loss.total, weights)
        data_energy, negative_energy, _ = loss.energies
        data_share = tf.reduce_sum(data_energy) / self.config.batch_size
        negative_share = tf.reduce_sum(negative_energy) / self.config.batch_size
        shares = {
            "loss": loss.total,
            **loss.terms,
            "data_energy": data_share,
            "negative_energy": negative_share,
            "gap": data_share - negative_share,
            # Exact with one replica; with more, the mean of the replicas' norms.
            "gradient_norm": tf.linalg.global_norm(gradients),
        }
        return StepResult(shares, data_energy, negative_energy), gradients

    def chain_shares(self, start: tf.Tensor, chain: Chain) -> dict[str, tf.Tensor]:
        """Returns how far chains from `start`, `[B, ...]`, moved, how much of their
        ends sticks to the box, and what else they report."""
        values = {
            "movement": chains.mean_movement(start, chain.x),
            "saturated_share": chains.saturated_share(chain.x, self.box),
            **chain.reports,
        }
        return {k: tf.reduce_mean(v) / self.num_replicas for k, v in values.items()}
