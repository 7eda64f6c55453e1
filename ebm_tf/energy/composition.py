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
    offsets: Sequence[float] | None = None,
):
    """Returns `E(x) = -T log sum_k exp(-(weight_k E_k(x) + offset_k) / T)`: "or".

    At T = 1 its density is the sum of theirs, unnormalized as they are: one with a
    larger Z has more of it, unless its offset is T log Z, which `data_offsets`
    estimates. Energies that are sampled at a temperature, such as those of Langevin
    steps with little noise, want that temperature here.

    Args:
        energies: `[B, ...] -> [B]`, nats, at least one.
        weights: Of each, factors on the energies; None for 1.
        temperature: T, nats, > 0.
        offsets: Of each, nats; None for 0.

    Raises:
        ValueError: As `all_of`; or if the temperature is not positive.
    """
    checks.require_number("temperature", temperature, above=0)
    energies = list(energies)
    weights = [1.0] * len(energies) if weights is None else list(weights)
    offsets = [0.0] * len(energies) if offsets is None else list(offsets)
    scaled = [all_of([each], [w]) for each, w in zip(energies, weights, strict=True)]
    checks.require(bool(scaled), "energies", "at least one", energies)
    rule = f"as many as energies, {len(energies)}"
    checks.require(len(offsets) == len(energies), "offsets", rule, len(offsets))

    def energy(x: tf.Tensor) -> tf.Tensor:
        each = tf.stack([fn(x) + offset for fn, offset in zip(scaled, offsets)])
        return -temperature * tf.reduce_logsumexp(-each / temperature, axis=0)

    return energy


def data_offsets(
    energies: Sequence[EnergyFn], data: Sequence[tf.Tensor]
) -> list[float]:
    """Returns offsets for "or" that make energies lie equally low at their own data.

    Where Z is not known this is what can be done: it makes up for constants between
    energies, and not for one that spreads over more states. At energies of the same
    shape, such as Gaussians of one width, it is log Z up to a constant.

    Args:
        energies: `[N, ...] -> [N]`, nats.
        data: Of each, states that it is the energy of.

    Returns:
        `-mean(E_k(data_k))`, nats.

    Raises:
        ValueError: If there are not data for each.
    """
    rule = f"as many as energies, {len(energies)}"
    checks.require(len(data) == len(energies), "data", rule, len(data))
    return [-float(tf.reduce_mean(e(x))) for e, x in zip(energies, data)]


@keras.saving.register_keras_serializable(package="ebm_tf")
class CompositionEnergy(EnergyModel):
    """Networks at fixed labels, joined; see `CompositionConfig` and `compose`.

    It is an energy like any other: it is sampled, trained further, its likelihood
    is estimated, it is saved and exported.

    Input shape: states `[B, ...]`, and a noise level if its networks have levels.
    Output shape: `[B]`, nats.

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
        level = conditions.by_name(self.condition_space, condition)
        bound = [
            _bound(member, _condition(member, term, tf.shape(x)[0], level))
            for member, term in zip(self.members, terms, strict=True)
        ]
        weights = [term.weight for term in terms]
        offsets = [term.offset for term in terms]
        if self.config.rule == "all":
            return all_of(bound, weights)(x) + sum(offsets)
        return any_of(bound, weights, self.config.temperature, offsets)(x)

    def widest(self, num, seed):
        """Returns where chains through noise levels begin: where the first's do."""
        return self.members[0].widest(num, seed)


def _bound(member: EnergyModel, condition) -> EnergyFn:
    # Not `bind_condition`: its module imports every network, and so this one.
    return member if condition is None else lambda x: member(x, condition)


def _condition(member: EnergyModel, term: TermConfig, num: tf.Tensor, level: dict):
    """Returns the condition of `num` states; None of an energy without any."""
    space = member.condition_space
    labels = conditions.parts_of(space).get("labels")
    if labels is None:
        return conditions.from_names(space, level)
    label = np.reshape(np.asarray(term.label), labels.shape)
    label = tf.broadcast_to(tf.constant(label, labels.dtype), [num, *labels.shape])
    return conditions.from_names(space, level | {"labels": label})


def compose(
    rule: str,
    models: Sequence[EnergyModel],
    labels: Sequence[Sequence[float] | float | None],
    weights: Sequence[float] | None = None,
    temperature: float = 1.0,
    offsets: Sequence[float] | None = None,
) -> CompositionEnergy:
    """Returns trained networks at fixed labels as one network, with their weights.

    Args:
        rule: "all" or "any"; see `CompositionConfig`.
        models: Networks of the same states; they stay as they are.
        labels: Of each: a class, numbers, or None for a network without labels.
        weights: Of each; None for 1.
        temperature: Of "any", nats.
        offsets: Of each, nats; None for 0. See `data_offsets`.

    Raises:
        ValueError: If the states differ, there is not a label for each, or one is not
            what its network knows.
    """
    models, labels = list(models), list(labels)
    weights = [1.0] * len(models) if weights is None else list(weights)
    offsets = [0.0] * len(models) if offsets is None else list(offsets)
    given_of_each = {"labels": labels, "weights": weights, "offsets": offsets}
    for name, given in given_of_each.items():
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
            offset=float(offset),
        )
        for model, label, weight, offset in zip(models, labels, weights, offsets)
    )
    config = CompositionConfig(rule=rule, terms=terms, temperature=temperature)
    made = CompositionEnergy(config, first.state_shape)
    made.space = first.space
    for member, model in zip(made.members, models, strict=True):
        member.set_weights(model.get_weights())
    return made
