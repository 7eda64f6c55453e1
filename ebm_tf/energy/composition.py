"""Energies joined by and, or, not: functions of energies, and networks of networks.

[1] Du and Mordatch, 2019, section 4.4, appendices A.8 and A.9.
    https://arxiv.org/abs/1903.08689
[2] Du, Li and Mordatch, Compositional visual generation with energy based models,
    2020. https://arxiv.org/abs/2004.06030
"""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from ebm_tf import checks, conditions
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.networks.composition import CompositionConfig, TermConfig
from ebm_tf.types import EnergyFn


def all_of(energies: Sequence[EnergyFn], weights: Sequence[float] | None = None):
    """Returns `E(x) = sum_k weight_k E_k(x)`: "and"; "and not" by a negative weight.

    Its density is the product of theirs, each to the power of its weight.

    Args:
        energies: `[B, ...] -> [B]`, nats, at least one.
        weights: Of each; None for 1.

    Raises:
        ValueError: If there are no energies, or not as many weights.
    """
    energies = list(energies)
    checks.require(bool(energies), "energies", "at least one", energies)
    weights = [1.0] * len(energies) if weights is None else list(weights)
    rule = f"as many as energies, {len(energies)}"
    checks.require(len(weights) == len(energies), "weights", rule, len(weights))

    def energy(x: tf.Tensor) -> tf.Tensor:
        return tf.add_n([w * each(x) for w, each in zip(weights, energies)])

    return energy


def any_of(
    energies: Sequence[EnergyFn],
    weights: Sequence[float] | None = None,
    temperature: float = 1.0,
):
    """Returns `E(x) = -T log sum_k exp(-weight_k E_k(x) / T)`: "or".

    At T = 1 its density is the sum of theirs, unnormalized as they are: one with a
    larger Z has more of it. Energies that are sampled at a temperature, such as those
    of Langevin steps with little noise, want that temperature here.

    Args:
        energies: `[B, ...] -> [B]`, nats, at least one.
        weights: Of each, factors on the energies; None for 1.
        temperature: T, nats, > 0.

    Raises:
        ValueError: As `all_of`; or if the temperature is not positive.
    """
    checks.require_number("temperature", temperature, above=0)
    energies = list(energies)
    weights = [1.0] * len(energies) if weights is None else list(weights)
    scaled = [all_of([each], [w]) for each, w in zip(energies, weights, strict=True)]
    checks.require(bool(scaled), "energies", "at least one", energies)

    def energy(x: tf.Tensor) -> tf.Tensor:
        each = tf.stack([fn(x) for fn in scaled])
        return -temperature * tf.reduce_logsumexp(-each / temperature, axis=0)

    return energy


@keras.saving.register_keras_serializable(package="ebm_tf")
class CompositionEnergy(EnergyModel):
    """Networks at fixed labels, joined; see `CompositionConfig` and `compose`.

    It is an energy like any other: it is sampled, trained further, its likelihood
    is estimated, it is saved and exported.

    Input shape: states `[B, ...]`. Output shape: `[B]`, nats.

    Attributes:
        members: The network of each term.
    """

    config_class = CompositionConfig

    def __init__(
        self, config: CompositionConfig, state_shape: tuple[int, ...], **kwargs
    ):
        super().__init__(config, state_shape, **kwargs)
        self.members = [
            term.network.make(state_shape, name=f"term_{number}")
            for number, term in enumerate(config.terms, 1)
        ]
        self.build_weights()

    def call(self, x, condition=None):
        conditions.require_condition(self.condition_space, condition)
        terms = self.config.terms
        bound = [
            _bound(member, _label(member, term, tf.shape(x)[0]))
            for member, term in zip(self.members, terms, strict=True)
        ]
        weights = [term.weight for term in terms]
        if self.config.rule == "all":
            return all_of(bound, weights)(x)
        return any_of(bound, weights, self.config.temperature)(x)


def _bound(member: EnergyModel, label) -> EnergyFn:
    # Not `bind_condition`: its module imports every network, and so this one.
    return member if label is None else lambda x: member(x, label)


def _label(member: EnergyModel, term: TermConfig, num: tf.Tensor):
    """Returns the condition of `num` states; None of an energy without labels."""
    space = member.condition_space
    if space is None:
        return None
    label = np.reshape(np.asarray(term.label), space.shape)
    return tf.broadcast_to(tf.constant(label, space.dtype), [num, *space.shape])


def compose(
    rule: str,
    models: Sequence[EnergyModel],
    labels: Sequence[Sequence[float] | float | None],
    weights: Sequence[float] | None = None,
    temperature: float = 1.0,
) -> CompositionEnergy:
    """Returns trained networks at fixed labels as one network, with their weights.

    Args:
        rule: "all" or "any"; see `CompositionConfig`.
        models: Networks of the same states; they stay as they are.
        labels: Of each: a class, numbers, or None for a network without labels.
        weights: Of each; None for 1.
        temperature: Of "any", nats.

    Raises:
        ValueError: If the states differ, there is not a label for each, or one is not
            what its network knows.
    """
    models, labels = list(models), list(labels)
    weights = [1.0] * len(models) if weights is None else list(weights)
    for name, given in (("labels", labels), ("weights", weights)):
        rule_of = f"as many as models, {len(models)}"
        checks.require(len(given) == len(models), name, rule_of, len(given))
    checks.require(bool(models), "models", "at least one", models)
    first = models[0]
    for model in models:
        found = model.state_shape, model.space
        alike = found == (first.state_shape, first.space)
        rule_of = f"of the same states, {first.state_shape} in {first.space}"
        checks.require(alike, "models", rule_of, found)
    terms = tuple(
        TermConfig(
            network=model.config,
            label=tuple(np.ravel([] if label is None else label).tolist()),
            weight=float(weight),
        )
        for model, label, weight in zip(models, labels, weights)
    )
    config = CompositionConfig(rule=rule, terms=terms, temperature=temperature)
    made = CompositionEnergy(config, first.state_shape)
    made.space = first.space
    for member, model in zip(made.members, models, strict=True):
        member.set_weights(model.get_weights())
    return made
