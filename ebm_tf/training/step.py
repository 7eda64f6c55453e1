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
from ebm_tf.energy.build import bind_labels
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.spectral import refresh_spectra
from ebm_tf.losses.contrastive import contrastive_terms
from ebm_tf.sampling.langevin import langevin_chain
from ebm_tf.sampling.replay import ReplayBuffer
from ebm_tf.training import distribution
from ebm_tf.training.config import TrainConfig
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
        self.negatives = tf.function(self._negatives, jit_compile=jit, autograph=False)
        self.gradients = tf.function(self._gradients, jit_compile=jit, autograph=False)

    def __call__(self, stored: tf.Tensor, labels: tf.Tensor, seed: Seed) -> StepResult:
        """Runs the update.

        Args:
            stored: This replica's data as it is stored, `[B, ...]`.
            labels: `int32 [B]`; unused by an unconditional energy.
            seed: The update's, the same for every replica.
        """
        replica = distribution.replica_id()
        data_seed, draw_seed, chain_seed = rng.split(rng.fold_in(seed, replica), 3)
        labels = None if self.energy.num_classes is None else labels
        data = self.box.decode(stored, data_seed)
        start = self.buffer.draw(replica, draw_seed, stored.shape[0])
        use_stored = self.config.replay.labels == "stored"
        negative_labels = start.labels if use_stored else labels

        negatives = self.negatives(start.x, negative_labels, chain_seed)
        result, gradients = self.gradients(data, labels, negatives, negative_labels)
        self.optimizer.apply(gradients, self.energy.trainable_weights)
        refresh_spectra(self.energy)
        self.buffer.write(replica, start.slots, negatives, negative_labels)

        share = tf.cast(1.0 / self.num_replicas, tf.float32)
        movement = tf.reduce_mean(tf.abs(negatives - start.x))
        result.shares["movement"] = movement * share
        saturated = tf.cast(self.box.at_edge(negatives), tf.float32)
        result.shares["saturated_share"] = tf.reduce_mean(saturated) * share
        return result

    def _negatives(self, x, labels, seed):
        energy_fn = bind_labels(self.energy, labels)
        return langevin_chain(energy_fn, x, seed, self.config.langevin, self.box)

    def _gradients(self, data, labels, negatives, negative_labels):
        with tf.GradientTape() as tape:
            data_energy = bind_labels(self.energy, labels)(data)
            negative_energy = bind_labels(self.energy, negative_labels)(negatives)
            terms = contrastive_terms(
                data_energy,
                negative_energy,
                l2_weight=self.config.l2_weight,
                global_batch_size=self.config.batch_size,
            )
        weights = [w.value for w in self.energy.trainable_weights]
        gradients = tape.gradient(terms.total, weights)
        batch_size = self.config.batch_size
        shares = {
            "loss": terms.total,
            "gap": terms.gap,
            "l2": terms.magnitude,
            "data_energy": tf.reduce_sum(data_energy) / batch_size,
            "negative_energy": tf.reduce_sum(negative_energy) / batch_size,
            # Exact with one replica; with more, the mean of the replicas' norms.
            "gradient_norm": tf.linalg.global_norm(gradients),
        }
        return StepResult(shares, data_energy, negative_energy), gradients
