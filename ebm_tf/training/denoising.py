"""An update without a sampler: the slope of the energy is fitted to noised data."""

import tensorflow as tf

from ebm_tf import rng
from ebm_tf.energy.spectral import refresh_spectra
from ebm_tf.training import distribution
from ebm_tf.training.step import ReplicaStep, StepResult
from ebm_tf.training.terms import Batch, Chain
from ebm_tf.types import Seed


class DenoisingStep(ReplicaStep):
    """One replica's part of an update by denoising score matching.

    Noised data stands where negatives do in `ReplicaStep`, in reports too. No chain
    runs, and the replay buffer keeps the noise it began with.
    """

    def __call__(self, stored: tf.Tensor, labels: tf.Tensor, seed: Seed) -> StepResult:
        """Runs the update; see `ReplicaStep`."""
        replica = distribution.replica_id()
        seeds = rng.split(rng.fold_in(seed, replica), 3)
        data_seed, noise_seed, augment_seed = seeds
        labels = None if self.energy.condition_space is None else labels
        data = self.box.decode(self.augment(stored, augment_seed), data_seed)
        noise = rng.normal(noise_seed, tf.shape(data))
        noised = data + self.config.objective.noise_std * noise
        still = Chain(noised, noised, labels, noise_seed, None, {})
        batch = Batch(data, labels, still)
        result, gradients = self.gradients(batch, None)
        self.optimizer.apply(gradients, self.energy.trainable_weights)
        refresh_spectra(self.energy)
        result.shares.update(self.chain_shares(data, still))
        return result
