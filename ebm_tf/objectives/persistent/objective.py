"""The persistent objective: HMC in whitened coordinates, then the difference of f."""

from typing import NamedTuple

import tensorflow as tf

from ebm_tf import rng
from ebm_tf.losses.contrastive import contrastive_divergence
from ebm_tf.objectives.contract import Loss, Objective, Setup
from ebm_tf.objectives.persistent import PersistentConfig
from ebm_tf.objectives.persistent.chains import ChainsPart, PersistentChains
from ebm_tf.sampling.hmc import hmc_step
from ebm_tf.sampling.replay import Replicas
from ebm_tf.sampling.whitened import bridge, require_latent
from ebm_tf.types import KernelAt, Seed


class Batch(NamedTuple):
    """What one replica's loss is computed from.

    Attributes:
        data: States, float32 `[B, ...]`.
        start: Where the chains were, `[B, d]`.
        latents: Where they came to, `[B, d]`.
        weights: Of each chain in the mean, `[B]`: 0 while it is on its way.
        accept_prob: Mean acceptance probability of each, `[B]`.
        log_step: Log of the step size that they had.
    """

    data: tf.Tensor
    start: tf.Tensor
    latents: tf.Tensor
    weights: tf.Tensor
    accept_prob: tf.Tensor
    log_step: tf.Tensor


class PersistentObjective(Objective):
    """Maximum likelihood: the mean of f at the data, less that at the chains.

    What is reported as energies is f, the part that learns; 0 for chains that are on
    their way.

    Args:
        settings: The chains.
        setup: The run.

    Raises:
        ValueError: If the energy has no whitened coordinates.
    """

    def __init__(self, settings: PersistentConfig, setup: Setup):
        super().__init__(setup)
        require_latent(setup.energy, "objective.kind", settings.kind)
        self._settings = settings
        self._run_chains = setup.compiled(self._transitions)

    def make_memory(self, replicas: Replicas, seed: Seed) -> PersistentChains:
        """Returns the chains: samples of the base."""
        return PersistentChains(
            self.setup.energy,
            self.setup.batch_size,
            self._settings.step_size,
            replicas=replicas,
            seed=seed,
        )

    def prepare(self, data, condition, memory: ChainsPart, seeds, update) -> Batch:
        """Returns the data and the chains, moved."""
        start = tf.convert_to_tensor(memory.variables["latents"])
        log_step = tf.convert_to_tensor(memory.variables["log_step"])
        moved = self._run_chains(start, log_step, seeds[0], update)
        return Batch(data, *moved, log_step)

    def _transitions(self, z, log_step, seed, update):
        """Returns where chains begin and end, their weights, and their acceptance."""
        begin_seed, seed = rng.split(seed, 2)
        settings, num = self._settings, z.shape[0]
        betas, weights = tf.ones([num]), tf.ones([num])
        if settings.restart is not None:
            ages = ages_of(update, num, settings.restart.every)
            new = rng.normal(begin_seed, tf.shape(z))
            z = tf.where(tf.equal(ages, 0)[:, tf.newaxis], new, z)
            way = tf.cast(ages + 1, tf.float32) / settings.restart.annealing
            betas = tf.minimum(way, 1.0)
            there = tf.cast(ages >= settings.restart.annealing, tf.float32)
            # None is there in the first updates: then f is 0, and so are all betas' f.
            some = tf.reduce_sum(there)
            weights = tf.where(some > 0, there * num / tf.maximum(some, 1.0), weights)
        start, accept_prob = z, 0.0
        for number in range(settings.num_steps):
            jitter_seed, own_seed = rng.split(rng.fold_in(seed, number), 2)
            shorter = 1.0 - settings.jitter * rng.uniform(jitter_seed, [])
            step = hmc_step(
                bridge(self.setup.energy, betas),
                z,
                own_seed,
                step_size=tf.exp(log_step) * shorter,
                num_leapfrog=settings.num_leapfrog,
            )
            z, accept_prob = step.x, accept_prob + step.accept_prob
        return start, z, weights, accept_prob / settings.num_steps

    def loss(self, energy, batch: Batch) -> Loss:
        """Returns this replica's share, differentiable in the network's weights."""
        base = energy.base
        negative = energy.residual(base.scores_of_latent(batch.latents))
        energies = {
            "data": energy.residual(base.scores(batch.data)),
            "negative": batch.weights * negative,
        }
        term = contrastive_divergence(
            *energies.values(), global_batch_size=self.setup.batch_size
        )
        return self.weighted({"cd": term}, {"cd": 1.0}, energies)

    def store(self, memory: ChainsPart, batch: Batch) -> None:
        """Keeps the chains, and corrects their step size."""
        settings = self._settings
        error = tf.reduce_mean(batch.accept_prob) - settings.target_accept
        log_step = batch.log_step + settings.adapt_rate * error
        longest = tf.math.log(tf.constant(settings.max_step_size))
        memory.write(batch.latents, tf.minimum(log_step, longest))

    def reports(self, batch: Batch) -> dict[str, tf.Tensor]:
        """Returns how far chains moved, in whitened coordinates, and their steps."""
        moved = tf.abs(batch.latents - batch.start)
        return {
            "movement": tf.reduce_mean(moved, axis=1),
            "accept_prob": batch.accept_prob,
            "step_size": tf.exp(batch.log_step),
        }

    def preview(self) -> KernelAt:
        """Returns HMC in whitened coordinates, with the first step size."""
        from ebm_tf.sampling.samplers.whitened_hmc import WhitenedHmcSampler

        sampler = WhitenedHmcSampler(
            num_steps=1,
            num_leapfrog=self._settings.num_leapfrog,
            step_size=self._settings.step_size,
        )
        return sampler.kernel_at(self.setup.box)


def ages_of(update: tf.Tensor, num: int, every: int) -> tf.Tensor:
    """Returns how many updates ago each chain began, int32 `[num]`: evenly spread.

    Args:
        update: Number of the update, from 0.
        num: How many chains.
        every: Updates after which a chain begins anew.
    """
    places = tf.range(num) * every // num
    return (tf.cast(update, tf.int32) + places) % every
