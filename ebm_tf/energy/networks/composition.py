"""Energies joined by and, or, not."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.energy.config import MAX_LAYERS
from ebm_tf.energy.networks import NetworkConfig

RULES = ("all", "any")


@dataclasses.dataclass(frozen=True, kw_only=True)
class TermConfig:
    """One energy of a composition, at a fixed label.

    Attributes:
        network: Its settings; one of noise levels is refused.
        label: The label that it is asked for: a class as one whole number, or as many
            numbers as `network.label_dims`; empty for an energy without labels.
        weight: Factor on the energy; negative for "not", which is of use in "all"
            beside others: alone it has no lowest state but the edge of the box.
    """

    network: NetworkConfig
    label: tuple[float, ...] = ()
    weight: float = 1.0

    def __post_init__(self):
        checks.require_number("weight", self.weight)
        checks.require(self.weight != 0, "weight", "other than 0", self.weight)
        inner = self.network
        rule = "without noise levels"
        checks.require(inner.noise_levels is None, "network", rule, inner.kind)
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


@dataclasses.dataclass(frozen=True, kw_only=True)
class CompositionConfig(NetworkConfig):
    """Energies joined into one, which depends on the state alone (paper, A.8, A.9).

    A term can be a composition itself.

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
