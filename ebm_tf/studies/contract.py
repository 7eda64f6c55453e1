"""What a study gets and what it returns.

A study is a function of a trained model and arrays. One of your own is one file:

    @dataclasses.dataclass(frozen=True, kw_only=True)
    class WidthConfig(StudyConfig):
        kind: ClassVar[str] = "width"
        num: int = 64

        def run(self, subject):
            from ebm_tf import rng

            shape = (self.num, *subject.energy.state_shape)
            x = subject.space.noise(rng.make_seed(subject.seed), shape)
            energies = subject.energy(x).numpy()  # of a network without a condition
            return Findings(tables={"width": {"std": float(energies.std())}})

It writes no file: the pipeline does. The same subject gives the same findings.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ebm_tf import checks

if TYPE_CHECKING:  # what is imported to list studies is free of TensorFlow
    import keras
    import numpy as np
    from matplotlib.figure import Figure

    from ebm_tf.box import StateSpace
    from ebm_tf.data.shards import Examples
    from ebm_tf.energy.model import EnergyModel
    from ebm_tf.energy.networks import NetworkConfig
    from ebm_tf.sampling.samplers import SamplerConfig
    from ebm_tf.training.config import TrainConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a model is made.

    Attributes:
        network: Settings of the network.
        train: Settings of its training.
        shape: Of a state.
    """

    network: NetworkConfig
    train: TrainConfig
    shape: tuple[int, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Subject:
    """The model that is studied, and what comes with it.

    Attributes:
        energy: The network; its `condition_space` says what it depends on. None for a
            study that trains models of its own.
        space: The state space.
        sampler: Settings of its chains, as `StudyConfig.used_sampler` returned them.
        examples: "train", "validation" and "test"; None unless the study
            `needs_examples`.
        others: Splits of other examples, by the names of `other_examples`.
        classifier: Of the examples, from stored states to logits; None unless the
            study `needs_classifier`.
        samples: Of the model, as they are stored; None unless it `needs_samples`.
        recipe: How a model is made; None unless it `needs_recipe`.
        class_names: Of the classes of the data, or None.
        seed: A whole number; everything random comes from it.
        jit: Whether functions are compiled by XLA.
        report: Called as `report(done, total)` with counts of steps, for a progress
            bar.
    """

    energy: EnergyModel | None
    space: StateSpace
    sampler: SamplerConfig
    examples: Mapping[str, Examples] | None
    others: Mapping[str, Mapping[str, Examples]] = dataclasses.field(
        default_factory=dict
    )
    classifier: keras.Model | None = None
    samples: np.ndarray | None = None
    recipe: Recipe | None = None
    class_names: Sequence[str] | None = None
    seed: int
    jit: bool
    report: Callable[[int, int], object] = lambda done, total: None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Findings:
    """What a study has found, each under a name that can be the name of a file.

    Attributes:
        tables: Values for JSON.
        figures: Figures, not made through pyplot; they only show things.
        arrays: Arrays of numbers.
        details: What later stages read, for JSON.
        notes: What readers want to know beside it, for JSON.
        shown: Names of those tables and arrays that only show things: their content
            does not make the findings others.

    Raises:
        ValueError: If a name is no identifier, or `shown` names what is not there.
    """

    tables: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    figures: Mapping[str, Figure] = dataclasses.field(default_factory=dict)
    arrays: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    details: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    notes: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    shown: tuple[str, ...] = ()

    def __post_init__(self):
        for field in ("tables", "figures", "arrays"):
            for name in getattr(self, field):
                is_name = isinstance(name, str) and name.isidentifier()
                checks.require(is_name, field, "by names that are identifiers", name)
        for name in self.shown:
            checks.require_choice("shown", name, [*self.tables, *self.arrays])
