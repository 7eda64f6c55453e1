"""Which energies a composition is made of, and chains that run on it."""

import functools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ebm_tf import checks, conditions
from ebm_tf.energy import composition
from ebm_tf.energy.build import bind_condition
from ebm_tf.energy.joined import JoinedEnergy, MixedEnergy
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.networks.composition import require_weights
from ebm_tf.sampling.chain_batches import ChainBatches, Target
from ebm_tf.studies.common import energies
from ebm_tf.studies.composition import JoinConfig
from ebm_tf.studies.composition.readers import CLASS
from ebm_tf.studies.contract import Subject
from ebm_tf.types import Seed

BATCH_SIZE = 100


class Part(NamedTuple):
    """A model that knows one attribute.

    Attributes:
        energy: The network.
        names: Of the numbers of its label; none of a class.
    """

    energy: EnergyModel
    names: tuple[str, ...]


class Parts(NamedTuple):
    """All models of a study.

    Attributes:
        by_name: Those with an attribute, by its name.
        prior: The one without, or None.
    """

    by_name: Mapping[str, Part]
    prior: EnergyModel | None


def attribute_of(names: Sequence[str]) -> str:
    """Returns what an attribute of a label's numbers is called; "class" of none."""
    stems = {name.rpartition("_")[0] for name in names}
    if len(names) > 1 and len(stems) == 1 and stems != {""}:
        return stems.pop()
    return "_".join(names) or CLASS


def parts_of(subject: Subject) -> Parts:
    """Returns the models of a study.

    Raises:
        ValueError: If two know the same attribute, there are two without any, levels
            differ, or the names of numbers are not known.
    """
    models = {"model": subject.energy, **subject.models}
    levels = {name: str(levels_of(model)) for name, model in models.items()}
    rule = "of the same noise levels, or none"
    checks.require(len(set(levels.values())) == 1, "models", rule, levels)
    by_name, prior = {}, None
    for name, model in models.items():
        labels = conditions.parts_of(model.condition_space).get("labels")
        if labels is None:
            rule = "models with labels, and one without at most"
            checks.require(prior is None, "models", rule, name)
            prior = model
            continue
        names = () if model.num_classes else tuple(subject.label_names[name])
        rule = "models that say the names of their labels' numbers: train them anew"
        is_told = bool(model.num_classes or names)
        checks.require(is_told, "models", rule, name)
        attribute = attribute_of(names)
        rule = "models of different attributes"
        checks.require(attribute not in by_name, "models", rule, f"two of {attribute}")
        by_name[attribute] = Part(model, names)
    checks.require(bool(by_name), "models", "one with labels at least", list(models))
    return Parts(by_name, prior)


def levels_of(model: EnergyModel):
    """Returns the noise levels of a model, or None."""
    return conditions.parts_of(model.condition_space).get("noise_level")


class Composed:
    """A composition of models, to be sampled and asked for energies.

    Args:
        parts: All models.
        join: Which are joined, and how.
        offsets: Of each term, nats; None for 0.
        subject: Of the study.

    Raises:
        ValueError: If energies of noise levels cannot be joined so.
    """

    def __init__(self, parts: Parts, join: JoinConfig, subject: Subject, offsets=None):
        self._terms = [parts.by_name[term.attribute] for term in join.terms]
        self._subject = subject
        weights = [term.weight for term in join.terms]
        rest = 1.0 - sum(weights)
        has_levels = levels_of(subject.energy) is not None
        self._prior, self._is_mixed = None, False
        if join.rule == "all" and abs(rest) > 1e-6:
            self._prior = parts.prior
            if parts.prior is None and has_levels and CLASS in parts.by_name:
                # Without a model for it, it is the mean over the classes of one.
                self._prior, self._is_mixed = parts.by_name[CLASS].energy, True
        if self._prior is not None:
            weights.append(rest)
        if has_levels:
            self._require(join, weights)
        if join.rule == "all":
            self._join = functools.partial(composition.all_of, weights=weights)
        else:
            temperature = join.temperature or temperature_of(subject.sampler)
            self._join = functools.partial(
                composition.any_of,
                weights=weights,
                temperature=temperature,
                offsets=offsets,
            )

    @staticmethod
    def _require(join: JoinConfig, weights) -> None:
        try:
            require_weights(join.rule, weights)
        except ValueError as error:
            told = "a model without labels beside them, or one of classes, or weights"
            raise checks.InvalidValueError(
                f"`models` must have {told} that sum to 1: {join.name} is of energies "
                f"of noise levels. {error}"
            ) from None

    @property
    def models(self) -> list[EnergyModel]:
        """The networks of all terms; one may be there more than once."""
        return [part.energy for part in self._terms]

    def energy_at(self, given: Mapping[str, conditions.Condition]):
        """Returns the energy at conditions of B rows, by `conditions_of`."""
        bound = [
            bind_condition(part.energy, given[f"term_{k}"])
            for k, part in enumerate(self._terms)
        ]
        if self._prior is not None:
            energy = bind_condition(self._prior, given.get("prior"))
            bound.append(MixedEnergy(energy) if self._is_mixed else energy)
        return JoinedEnergy(self._join, bound)

    def conditions_of(self, labels: Sequence[np.ndarray]) -> dict:
        """Returns the conditions of all members, at their lowest level.

        Args:
            labels: Of each term, `[B]` classes or `[B, K]` numbers.
        """
        num, given = len(labels[0]), {}
        for k, (part, label) in enumerate(zip(self._terms, labels, strict=True)):
            space = part.energy.condition_space
            given[f"term_{k}"] = energies.condition_of(space, num, label)
        space = None if self._prior is None else self._prior.condition_space
        if space is not None:
            given["prior"] = energies.condition_of(space, num)
        return given

    def draw(self, labels: Sequence[np.ndarray], seed: Seed) -> np.ndarray:
        """Returns samples, as they are stored, `[N, ...]`.

        Args:
            labels: Of each term, `[N]` or `[N, K]`.
            seed: `int32[2]`.
        """
        subject, num = self._subject, len(labels[0])
        size = min(num, BATCH_SIZE)
        kernel_at = subject.sampler.kernel_at(subject.space)
        chains = ChainBatches(
            lambda given: Target(self.energy_at(given), kernel_at),
            subject.space,
            shape=(size, *subject.energy.state_shape),
            seed=seed,
            jit=subject.jit,
        )
        ends = []
        for index, first in enumerate(range(0, num, size)):
            # The last batch is as large as all: what is too much is not kept.
            rows = np.arange(first, first + size) % num
            given = self.conditions_of([label[rows] for label in labels])
            [step] = chains.batch(index, given, [subject.sampler.num_steps])
            ends.append(subject.space.encode(step.x).numpy())
        return np.concatenate(ends)[:num]


def temperature_of(sampler) -> float:
    """Returns the temperature that chains are at, nats; 1 if they do not say."""
    return float(getattr(sampler, "temperature", None) or 1.0)


def data_offsets(parts: Parts, join: JoinConfig, states: Sequence) -> list[float]:
    """Returns offsets that have energies equally low on average at their own data.

    Args:
        parts: All models.
        join: Whose terms have labels.
        states: Of each term, states that have its label, float32 `[N, ...]`.
    """
    bound = []
    for term, x in zip(join.terms, states, strict=True):
        part = parts.by_name[term.attribute]
        label = label_rows(part, term.label, len(x))
        space = part.energy.condition_space
        condition = energies.condition_of(space, len(x), label)
        fn = bind_condition(part.energy, condition)
        bound.append(composition.all_of([fn], [term.weight]))
    return composition.data_offsets(bound, states)


def label_rows(part: Part, label: Sequence[float], num: int) -> np.ndarray:
    """Returns one label `num` times: int32 `[num]`, or float32 `[num, K]`."""
    if not part.names:
        return np.full(num, label[0], np.int32)
    return np.tile(np.asarray(label, np.float32), [num, 1])
