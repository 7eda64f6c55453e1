"""The terms of a loss: functions from what one replica has to a share of a mean.

Each function here makes a term of the settings and the run, once. Terms run in
compiled functions, without synchronization between replicas.
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from ebm_tf import checks
from ebm_tf.conditions import Classes, Condition
from ebm_tf.energy.build import bind_condition
from ebm_tf.energy.model import EnergyModel
from ebm_tf.losses import classifier, contrastive, kl, penalty
from ebm_tf.objectives.contract import Setup
from ebm_tf.objectives.contrastive import ContrastiveConfig
from ebm_tf.sampling.langevin import LangevinSettings, langevin_steps_through
from ebm_tf.sampling.replay import Draw
from ebm_tf.types import Seed


class Chain(NamedTuple):
    """Chains that have been run, without history.

    Attributes:
        before: States before the last steps, those that a term runs once more on the
            tape; the ends, if none does. Float32 `[B, ...]`.
        x: Ends, float32 `[B, ...]`.
        condition: Under which they ran, or None for an unconditional energy.
        seed: Of their noise.
        settings: Of Langevin steps; None without such steps.
        reports: What else there is to know of them, `[B]` each, by name.
    """

    before: tf.Tensor
    x: tf.Tensor
    condition: Condition
    seed: Seed
    settings: LangevinSettings | None
    reports: dict[str, tf.Tensor]


class Batch(NamedTuple):
    """What one replica's loss is computed from: constants, all of them.

    Attributes:
        data: States, float32 `[B, ...]`.
        condition: Of the data, or None for an unconditional energy.
        negatives: The chains whose ends are negatives.
        log_normalizer: Scalar, nats: `log(sum(exp(-E)))` over the negatives of all
            replicas; None unless a term needs it.
        start: Where the chains started.
        write_seed: For what is kept of them.
    """

    data: tf.Tensor
    condition: Condition
    negatives: Chain
    log_normalizer: tf.Tensor | None
    start: Draw
    write_seed: Seed


class Energies(NamedTuple):
    """What terms have in common, so that it is computed once.

    Attributes:
        data: E(data), `[B]`, nats.
        negatives: E(negatives), `[B]`, nats.
    """

    data: tf.Tensor
    negatives: tf.Tensor


# A scalar, this replica's share of a global mean, differentiable in the weights.
Term = Callable[[EnergyModel, Batch, Energies], tf.Tensor]


def contrastive_divergence(config: ContrastiveConfig, setup: Setup) -> Term:
    """Difference of mean energies."""
    return _of_energies(contrastive.contrastive_divergence, setup)


def softplus_contrast(config: ContrastiveConfig, setup: Setup) -> Term:
    """Difference of energies, pair by pair, until they are told apart."""
    return _of_energies(contrastive.softplus_contrast, setup)


def logsumexp_contrast(config: ContrastiveConfig, setup: Setup) -> Term:
    """Difference from negatives weighted by `exp(-E)`."""
    return lambda energy, batch, energies: contrastive.logsumexp_contrast(
        energies.data,
        energies.negatives,
        global_batch_size=setup.batch_size,
        log_normalizer=batch.log_normalizer,
    )


def magnitude(config: ContrastiveConfig, setup: Setup) -> Term:
    """Mean squares of both energies."""
    return _of_energies(contrastive.magnitude, setup)


def _of_energies(fn, setup: Setup) -> Term:
    return lambda energy, batch, energies: fn(
        energies.data, energies.negatives, global_batch_size=setup.batch_size
    )


def chain_divergence(config: ContrastiveConfig, setup: Setup) -> Term:
    """Where the last steps take chains, scored by the energy as it is."""
    settings = config.kl
    num_steps = settings.num_grad_steps

    def term(energy: EnergyModel, batch: Batch, energies: Energies) -> tf.Tensor:
        negatives = batch.negatives
        energy_fn = bind_condition(energy, negatives.condition)
        x = langevin_steps_through(
            energy_fn,
            negatives.before,
            negatives.seed,
            negatives.settings,
            setup.box,
            first=config.langevin.num_steps - num_steps,
            num_steps=num_steps,
        )
        return kl.chain_divergence(
            energy_fn,
            x,
            entropy_weight=settings.entropy_weight,
            neighbour=settings.neighbour,
            global_batch_size=setup.batch_size,
        )

    return term


def gradient_penalty(config: ContrastiveConfig, setup: Setup) -> Term:
    """Steepness of the energy at the data."""
    return lambda energy, batch, energies: penalty.gradient_penalty(
        bind_condition(energy, batch.condition),
        batch.data,
        global_batch_size=setup.batch_size,
    )


def classification(config: ContrastiveConfig, setup: Setup) -> Term:
    """How well the energy tells the labels of the data.

    Raises:
        ValueError: If the energy has no classes.
    """
    space = setup.energy.condition_space
    checks.require(
        isinstance(space, Classes),
        "objective.classifier_weight",
        "null for an energy without classes",
        config.classifier_weight,
    )

    num_classes = space.num

    def term(energy: EnergyModel, batch: Batch, energies: Energies) -> tf.Tensor:
        x = tf.repeat(batch.data, num_classes, axis=0)
        labels = tf.tile(tf.range(num_classes), [batch.data.shape[0]])
        return classifier.label_cross_entropy(
            tf.reshape(energy(x, labels), [-1, num_classes]),
            batch.condition,
            global_batch_size=setup.batch_size,
        )

    return term
