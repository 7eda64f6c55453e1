"""A row: a model trained for some updates, and chains from noise on it."""

from typing import NamedTuple

import numpy as np

from ebm_tf import rng
from ebm_tf.data import batches
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.model import EnergyModel
from ebm_tf.sampling.chain_batches import ChainBatches, Target
from ebm_tf.sampling.samplers.langevin import LangevinSampler
from ebm_tf.studies.common import training
from ebm_tf.studies.contract import Subject
from ebm_tf.studies.sensitivity import SensitivityConfig
from ebm_tf.studies.sensitivity.normalized import normalize
from ebm_tf.studies.sensitivity.rows import Changed
from ebm_tf.training import distribution
from ebm_tf.training.trainer import Trainer

# Share of the updates, the last, whose gaps are averaged.
_LAST = 0.1


class Trained(NamedTuple):
    """What training came to.

    Attributes:
        energy: With the last weights.
        diverged: The update at which a number was not finite, or None.
        gap: Mean energy of negatives less that of data over the last updates, nats;
            None if it diverged.
    """

    energy: EnergyModel
    diverged: int | None
    gap: float | None


def train(config: SensitivityConfig, subject: Subject, changed: Changed) -> Trained:
    """Trains a row until its last update, or until it diverges."""
    seed = subject.seed + changed.seed_offset
    examples, strategy = subject.examples["train"], distribution.make_strategy("one")
    with strategy.scope():
        energy = build_energy(changed.network, examples.shape, seed, subject.space)
    if changed.normalization is not None:
        normalize(energy, changed.normalization)
    settings = training.train_config(
        config.num_updates, config.batch_size, changed.objective, config.optimizer
    )
    trainer = Trainer(energy, subject.space, settings, seed=seed, strategy=strategy)
    read, gaps = batches.batches(examples, seed, config.batch_size), []
    for stored, labels in read(0, config.num_updates):
        logs = trainer.run_update(stored, labels)
        numbers = [value for value in logs.values() if isinstance(value, float)]
        gap = logs["negative_energies"].mean() - logs["data_energies"].mean()
        if not np.isfinite([*numbers, gap]).all():
            return Trained(energy, trainer.update, None)
        gaps.append(gap)
    last = gaps[-max(1, round(_LAST * len(gaps))) :]
    return Trained(energy, None, float(np.mean(last)))


def samples(
    config: SensitivityConfig, subject: Subject, energy: EnergyModel, changed: Changed
) -> np.ndarray | None:
    """Returns states of chains from noise, stored, or None if one is not finite.

    All step together: they do not depend on each other unless the row's energy does.
    """
    chain = changed.objective.langevin
    sampler = LangevinSampler(
        num_steps=config.num_steps,
        step_size=chain.step_size,
        noise_std=chain.noise_std,
        grad_clip=chain.grad_clip,
    )
    kernel_at = sampler.kernel_at(subject.space)
    chains = ChainBatches(
        lambda _: Target(energy, kernel_at),
        subject.space,
        shape=(config.num_samples, *energy.state_shape),
        seed=rng.make_seed(subject.seed),
        jit=subject.jit,
    )
    *_, last = chains.batch(0, None, [config.num_steps])
    if not np.isfinite(last.x.numpy()).all():
        return None
    return subject.space.encode(last.x).numpy()
