"""Energies joined by and, or, not."""

import dataclasses
import math
from collections.abc import Sequence
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.energy.config import MAX_LAYERS, NoiseLevelConfig
from ebm_tf.energy.networks import NetworkConfig

RULES = ("all", "any")


@dataclasses.dataclass(frozen=True, kw_only=True)
class TermConfig:
    """One energy of a composition, at a fixed label.

    Attributes:
        network: Its settings.
        label: The label that it is asked for: a class as one whole number, or as many
            numbers as `network.label_dims`; empty for an energy without labels.
        weight: Factor on the energy; negative for "not", which is of use in "all"
            beside others: alone it has no lowest state but the edge of the box.
        offset: Added to the energy, nats, such as an estimate of its log Z: of use in
            "any", where an energy that lies lower has more of the samples.
    """

    network: NetworkConfig
    label: tuple[float, ...] = ()
    weight: float = 1.0
    offset: float = 0.0

    def __post_init__(self):
        checks.require_number("weight", self.weight)
        checks.require(self.weight != 0, "weight", "other than 0", self.weight)
        checks.require_number("offset", self.offset)
        inner = self.network
        if inner.num_classes is not None:
            rule = f"one class, a whole number in [0, {inner.num_classes})"
            is_class = len(self.label) == 1 and self.label[0] in range(
                inner.num_classes
            )
            checks.require(is_class, "label", rule, self.label)
            return
        dims = inner.label_dims or 0
        checks.require(len(self.label) == dims, "label", f"{dims} numbers", self.label)
        for number in self.label:
            checks.require_number("label", number, low=0, high=1)


def require_weights(rule: str, weights: Sequence[float]) -> None:
    """Raises ValueError if energies of noise levels cannot be joined so.

    Args:
        rule: "all" or "any".
        weights: Of each.
    """
    if rule == "any":
        is_mixture = all(weight == 1 for weight in weights)
        told = 'each 1 in "any" of energies of noise levels'
        checks.require(is_mixture, "weight", told, list(weights))
        return
    told = 'numbers that sum to 1 in "all" of energies of noise levels'
    is_one = math.isclose(sum(weights), 1.0, rel_tol=0.0, abs_tol=1e-6)
    checks.require(is_one, "weight", told, list(weights))


@dataclasses.dataclass(frozen=True, kw_only=True)
class CompositionConfig(NetworkConfig):
    """Energies joined into one, which depends on no label (paper, A.8, A.9).

    A term can be a composition itself. Of energies of noise levels it is one of noise
    levels, joined at each. Weights of "all" must then sum to 1, those of "any" be 1:
    only so are its states at a level as noisy as the level says, which chains through
    levels take for granted. Even so a product of noised densities is not the noised
    product: `corrections` of the sampler bring states to it, level by level. A mixture
    of them is exact, if each is normalized.

    Attributes:
        rule: "all", a sum: low where each energy is low, for "and" and, with negative
            weights, "and not"; "any", low where one of them is, for "or".
        terms: The energies, at least 1.
        temperature: Of "any", nats, > 0: energies that are this much apart differ.
    """

    kind: ClassVar[str] = "composition"
    rule: str
    terms: tuple[TermConfig, ...]
    temperature: float = 1.0

    def __post_init__(self):
        checks.require_choice("rule", self.rule, RULES)
        rule, num = f"1 to {MAX_LAYERS} energies", len(self.terms)
        checks.require(1 <= num <= MAX_LAYERS, "terms", rule, num)
        checks.require_number("temperature", self.temperature, above=0)
        axes = {term.network.num_axes for term in self.terms} - {None}
        rule = "of states of as many axes"
        checks.require(len(axes) <= 1, "terms", rule, sorted(axes))
        levels = {term.network.noise_levels for term in self.terms}
        rule = "all of the same noise levels, or all without"
        checks.require(len(levels) == 1, "terms", rule, [*map(str, levels)])
        if levels != {None}:
            require_weights(self.rule, [term.weight for term in self.terms])

    @property
    def noise_levels(self) -> NoiseLevelConfig | None:
        """The noise levels that all energies depend on, or None."""
        return self.terms[0].network.noise_levels

    @property
    def num_axes(self) -> int | None:
        """Axes of the states that it takes, or None for any."""
        axes = {term.network.num_axes for term in self.terms} - {None}
        return next(iter(axes), None)

    def num_activations(self, state_shape):
        """As `NetworkConfig.num_activations`."""
        return sum(term.network.num_activations(state_shape) for term in self.terms)

    @classmethod
    def network_class(cls):
        """Returns the class of the networks; imports TensorFlow."""
        from ebm_tf.energy.composition import CompositionEnergy

        return CompositionEnergy
