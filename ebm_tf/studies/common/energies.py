"""States chosen from examples, and their energies batch by batch."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ebm_tf import checks, conditions, rng
from ebm_tf.conditions import Condition, ConditionSpace
from ebm_tf.data.shards import Examples
from ebm_tf.energy.build import bind_condition
from ebm_tf.studies.contract import Subject
from ebm_tf.types import EnergyFn, Seed

BATCH_SIZE = 250


class Chosen(NamedTuple):
    """States as they are stored, and their labels.

    Attributes:
        stored: `[N, ...]`.
        labels: int32 `[N]`, or float32 `[N, K]`.
    """

    stored: np.ndarray
    labels: np.ndarray


def choose(examples: Examples, num: int, seed: int) -> Chosen:
    """Returns `num` different states in an order of the seed's, or all if fewer."""
    num = min(num, examples.num_examples)
    drawn = np.random.default_rng(seed).choice(examples.num_examples, num, False)
    return Chosen(*examples.gather(drawn))


def condition_of(
    space: ConditionSpace | None, num: int, labels=None, level: float | None = None
) -> Condition:
    """Returns `num` conditions: of labels, and of one noise level.

    Args:
        space: What conditions there are, or None for none.
        num: How many.
        labels: `[num, ...]`; None for class 0 or numbers 0. Of no use without labels.
        level: None for the lowest. Of no use without noise levels.
    """
    parts = conditions.by_name(space, conditions.smallest(space, num))
    if labels is not None and "labels" in parts:
        parts["labels"] = tf.convert_to_tensor(labels)
    if level is not None and "noise_level" in parts:
        parts["noise_level"] = tf.fill([num], np.float32(level))
    return conditions.from_names(space, parts)


def require_level(space: ConditionSpace | None, level: float | None) -> None:
    """Raises ValueError if an energy has no such noise level.

    Args:
        space: Of the energy.
        level: None for the lowest, or for an energy without levels.
    """
    levels = conditions.parts_of(space).get("noise_level")
    if level is None:
        return
    rule = "null for an energy without noise levels"
    checks.require(levels is not None, "level", rule, level)
    rule = f"one of the energy's {levels}"
    checks.require(levels.low <= level <= levels.high, "level", rule, level)


def batches(num: int, size: int = BATCH_SIZE) -> Iterator[slice]:
    """Yields which rows are looked at together."""
    for first in range(0, num, size):
        yield slice(first, min(first + size, num))


def decoded(subject: Subject, stored: np.ndarray, seed: Seed) -> np.ndarray:
    """Returns states as training saw them, dequantized, float32 `[N, ...]`."""
    parts = [
        subject.space.decode(tf.constant(stored[rows]), rng.fold_in(seed, rows.start))
        for rows in batches(len(stored))
    ]
    return np.concatenate([part.numpy() for part in parts])


class Evaluator:
    """Energies of states and the size of their slope; compiled once.

    Args:
        subject: The model.
    """

    def __init__(self, subject: Subject):
        self._model, self.num_classes = subject.energy, subject.energy.num_classes
        self.space = subject.energy.condition_space
        options = {"autograph": False, "jit_compile": subject.jit}
        self._energy = tf.function(lambda x, c: self._bound(c)(x), **options)
        self._slope = tf.function(self._slope_size, **options)

    def _bound(self, condition) -> EnergyFn:
        return bind_condition(self._model, condition)

    def _slope_size(self, x, condition):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            energy = self._bound(condition)(x)
        slope = tf.reshape(tape.gradient(energy, x), [tf.shape(x)[0], -1])
        return tf.norm(slope, axis=1)

    def energies(self, x: np.ndarray, labels=None, level=None) -> np.ndarray:
        """Returns energies at labels and a level, float64 `[N]`, nats.

        Args:
            x: States, `[N, ...]`.
            labels: As `condition_of` takes them; or None: of an energy of classes the
                lowest energy among them, whatever they would be.
            level: As `condition_of` takes it.
        """
        if labels is None and self.num_classes is not None:
            return self.of_classes(x, level).min(axis=1)
        return self._of_batches(self._energy, x, labels, level)

    def of_classes(self, x: np.ndarray, level=None) -> np.ndarray:
        """Returns energies under each class, float64 `[N, num_classes]`, nats."""
        each = [
            self.energies(x, np.full(len(x), label, np.int32), level)
            for label in range(self.num_classes)
        ]
        return np.stack(each, axis=1)

    def slopes(self, x: np.ndarray, labels=None, level=None) -> np.ndarray:
        """Returns the L2 norms of the energy's gradient, `[N]`, nats per pixel.

        Args:
            x: States, `[N, ...]`.
            labels: As for `energies`; None takes the class of the lowest energy.
            level: As `condition_of` takes it.
        """
        if labels is None and self.num_classes is not None:
            labels = self.of_classes(x, level).argmin(axis=1).astype(np.int32)
        return self._of_batches(self._slope, x, labels, level)

    def _of_batches(self, fn, x, labels, level) -> np.ndarray:
        found = []
        for rows in batches(len(x)):
            part = tf.constant(x[rows])
            asked = None if labels is None else labels[rows]
            condition = condition_of(self.space, len(part), asked, level)
            found.append(fn(part, condition).numpy())
        return np.concatenate(found).astype(np.float64)
