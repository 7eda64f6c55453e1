"""The terms of a loss: functions from what one replica has to a share of a mean.

Each function here makes a term of a network and its settings, once. Terms run in
compiled functions, without synchronization between replicas.
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from ebm_tf import checks
from ebm_tf.box import Box
from ebm_tf.conditions import Classes
from ebm_tf.energy.build import bind_condition
from ebm_tf.energy.model import EnergyModel
from ebm_tf.losses import classifier, contrastive, kl, penalty, score
from ebm_tf.sampling.langevin import LangevinSettings, langevin_steps_through
from ebm_tf.training.config import TrainConfig
from ebm_tf.types import Seed


class Chain(NamedTuple):
    """Chains that have been run, without history.

    Attributes:
        before: States before the last steps, those that a term runs once more on the
            tape; the ends, if none does. Float32 `[B, ...]`.
        x: Ends, float32 `[B, ...]`.
        labels: `int32 [B]`, under which they ran, or None without classes.
        seed: Of their noise.
        settings: Of Langevin steps; None without such steps.
        reports: What else there is to know of them, `[B]` each, by name.
    """

    before: tf.Tensor
    x: tf.Tensor
    labels: tf.Tensor | None
    seed: Seed
    settings: LangevinSettings | None
    reports: dict[str, tf.Tensor]


class Batch(NamedTuple):
    """What one replica's loss is computed from: constants, all of them.

    Attributes:
        data: States, float32 `[B, ...]`.
        labels: `int32 [B]` of the data, or None without classes.
        negatives: The chains whose ends are negatives; for denoising, of no step.
    """

    data: tf.Tensor
    labels: tf.Tensor | None
    negatives: Chain


class Energies(NamedTuple):
    """What terms have in common, so that it is computed once.

    Attributes:
        data: E(data), `[B]`, nats.
        negatives: E(negatives), `[B]`, nats.
        log_normalizer: Scalar, nats: `log(sum(exp(-E)))` over the negatives of all
            replicas; None unless a term needs it.
    """

    data: tf.Tensor
    negatives: tf.Tensor
    log_normalizer: tf.Tensor | None


# A scalar, this replica's share of a global mean, differentiable in the weights.
Term = Callable[[Batch, Energies], tf.Tensor]


def contrastive_divergence(energy: EnergyModel, box: Box, config: TrainConfig) -> Term:
    """Difference of mean energies."""
    return _of_energies(contrastive.contrastive_divergence, config)


def softplus_contrast(energy: EnergyModel, box: Box, config: TrainConfig) -> Term:
    """Difference of energies, pair by pair, until they are told apart."""
    return _of_energies(contrastive.softplus_contrast, config)


def logsumexp_contrast(energy: EnergyModel, box: Box, config: TrainConfig) -> Term:
    """Difference from negatives weighted by `exp(-E)`."""
    return lambda batch, energies: contrastive.logsumexp_contrast(
        energies.data,
        energies.negatives,
        global_batch_size=config.batch_size,
        log_normalizer=energies.log_normalizer,
    )


def magnitude(energy: EnergyModel, box: Box, config: TrainConfig) -> Term:
    """Mean squares of both energies."""
    return _of_energies(contrastive.magnitude, config)


def _of_energies(fn, config: TrainConfig) -> Term:
    return lambda batch, energies: fn(
        energies.data, energies.negatives, global_batch_size=config.batch_size
    )


def denoising(energy: EnergyModel, box: Box, config: TrainConfig) -> Term:
    """The slope at noised data, the negatives, against the noise."""
    return lambda batch, energies: score.denoising_score_matching(
        bind_condition(energy, batch.labels),
        batch.data,
        batch.negatives.x,
        noise_std=config.objective.noise_std,
        temperature=config.objective.temperature,
        global_batch_size=config.batch_size,
    )


def chain_divergence(energy: EnergyModel, box: Box, config: TrainConfig) -> Term:
    """Where the last steps take chains, scored by the energy as it is."""
    settings = config.objective.kl
    num_steps = settings.num_grad_steps

    def term(batch: Batch, energies: Energies) -> tf.Tensor:
        negatives = batch.negatives
        energy_fn = bind_condition(energy, negatives.labels)
        x = langevin_steps_through(
            energy_fn,
            negatives.before,
            negatives.seed,
            negatives.settings,
            box,
            first=config.objective.langevin.num_steps - num_steps,
            num_steps=num_steps,
        )
        return kl.chain_divergence(
            energy_fn,
            x,
            entropy_weight=settings.entropy_weight,
            neighbour=settings.neighbour,
            global_batch_size=config.batch_size,
        )

    return term


def gradient_penalty(energy: EnergyModel, box: Box, config: TrainConfig) -> Term:
    """Steepness of the energy at the data."""
    return lambda batch, energies: penalty.gradient_penalty(
        bind_condition(energy, batch.labels),
        batch.data,
        global_batch_size=config.batch_size,
    )


def classification(energy: EnergyModel, box: Box, config: TrainConfig) -> Term:
    """How well the energy tells the labels of the data.

    Raises:
        ValueError: If the energy has no classes.
    """
    checks.require(
        isinstance(energy.condition_space, Classes),
        "objective.classifier_weight",
        "null for an energy without classes",
        config.objective.classifier_weight,
    )

    num_classes = energy.condition_space.num

    def term(batch: Batch, energies: Energies) -> tf.Tensor:
        x = tf.repeat(batch.data, num_classes, axis=0)
        labels = tf.tile(tf.range(num_classes), [batch.data.shape[0]])
        return classifier.label_cross_entropy(
            tf.reshape(energy(x, labels), [-1, num_classes]),
            batch.labels,
            global_batch_size=config.batch_size,
        )

    return term
