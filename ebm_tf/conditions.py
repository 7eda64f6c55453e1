"""What an energy can depend on besides the state: a class, numbers, a noise level.

A space says what a condition can be: `Classes`, `Numbers`, `NoiseLevel`, or `Several`
of them at once, by name; None where an energy depends on the state alone. A batch of
conditions is a structure: None, a tensor `[B, ...]`, or a dict of tensors by name.
Samplers never see it: an energy is bound to its condition first
(`ebm_tf.energy.build.bind_condition`).
"""

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.condition_kinds import Classes, NoiseLevel, Numbers
from ebm_tf.types import Seed

# None, a tensor, or a dict of tensors by name.
Condition = tf.Tensor | dict[str, tf.Tensor] | None


@dataclasses.dataclass(frozen=True)
class Several:
    """Conditions of several kinds at once; a batch is a dict of theirs by name.

    Attributes:
        parts: Name -> its space, at least 2 of them.
    """

    parts: Mapping[str, Classes | Numbers | NoiseLevel]
    name = "condition"

    def __post_init__(self):
        parts = {name: self.parts[name] for name in sorted(self.parts)}
        checks.require(len(parts) >= 2, "parts", "at least 2 conditions", list(parts))
        object.__setattr__(self, "parts", parts)

    def __str__(self):
        return " and ".join(map(str, self.parts.values()))

    @property
    def shape(self) -> dict[str, tuple[int, ...]]:
        """Shape of one condition of each name."""
        return {name: part.shape for name, part in self.parts.items()}

    @property
    def dtype(self) -> dict[str, tf.DType]:
        """Type of each name."""
        return {name: part.dtype for name, part in self.parts.items()}

    def random(self, seed: Seed, num: int) -> dict[str, tf.Tensor]:
        """Returns `num` conditions, each part drawn by itself."""
        seeds = rng.split(seed, len(self.parts))
        named = zip(self.parts.items(), seeds)
        return {name: part.random(own, num) for (name, part), own in named}

    def in_turn(self, first: int, num: int) -> dict[str, np.ndarray]:
        """Returns conditions number `first` on of an endless round of each part."""
        return {name: part.in_turn(first, num) for name, part in self.parts.items()}


ConditionSpace = Classes | Numbers | NoiseLevel | Several


def condition_space(
    num_classes: int | None, label_dims: int | None, noise_levels=None
) -> ConditionSpace | None:
    """Returns the conditions that a configuration describes; None for none.

    Args:
        num_classes: Number of classes, or None.
        label_dims: Length of a label of numbers, or None.
        noise_levels: Something with `low` and `high`, or None.

    Raises:
        ValueError: If a class and numbers are both given, or one is out of range.
    """
    checks.require(
        num_classes is None or label_dims is None,
        "label_dims",
        f"null beside num_classes={num_classes}",
        label_dims,
    )
    found = []
    if num_classes is not None:
        found.append(Classes(num_classes))
    if label_dims is not None:
        found.append(Numbers(label_dims))
    if noise_levels is not None:
        found.append(NoiseLevel(noise_levels.low, noise_levels.high))
    if len(found) > 1:
        return Several({space.name: space for space in found})
    return found[0] if found else None


def random(space: ConditionSpace | None, seed: Seed, num: int):
    """Returns `num` conditions drawn as `space.random` says; None of None."""
    return None if space is None else space.random(seed, num)


def in_turn(space: ConditionSpace | None, first: int, num: int):
    """Returns conditions number `first` on as `space.in_turn` says; None of None."""
    return None if space is None else space.in_turn(first, num)


def parts_of(space: ConditionSpace | None) -> dict[str, ConditionSpace]:
    """Returns the single conditions of a space by name; none of None."""
    if space is None:
        return {}
    return dict(space.parts) if isinstance(space, Several) else {space.name: space}


def by_name(space: ConditionSpace | None, condition) -> dict[str, tf.Tensor]:
    """Returns the tensors of a batch of conditions by name: what signatures need."""
    if space is None:
        return {}
    return dict(condition) if isinstance(space, Several) else {space.name: condition}


def from_names(space: ConditionSpace | None, values: Mapping[str, tf.Tensor]):
    """Returns the batch of conditions that `by_name` made `values` of."""
    if space is None:
        return None
    values = {name: values[name] for name in parts_of(space)}
    return values if isinstance(space, Several) else values[space.name]


def specs(space: ConditionSpace | None, num: int | None = None):
    """Returns the structure of named `tf.TensorSpec` of a batch of `num` conditions."""
    made = {
        name: tf.TensorSpec((num, *part.shape), part.dtype, name)
        for name, part in parts_of(space).items()
    }
    return from_names(space, made)


def smallest(space: ConditionSpace | None, num: int | tf.Tensor = 1):
    """Returns a batch of `num` conditions: class 0, numbers 0, the lowest level."""
    made = {
        name: tf.fill(
            (num, *part.shape),
            tf.cast(part.low if isinstance(part, NoiseLevel) else 0, part.dtype),
        )
        for name, part in parts_of(space).items()
    }
    return from_names(space, made)


def of_labels(space: ConditionSpace | None, labels, num: int | tf.Tensor):
    """Returns `num` conditions of data: their labels, and the lowest noise level.

    Args:
        space: What conditions there are, or None for none.
        labels: What data carry, `[num, ...]`; unused by a space without labels.
        num: How many, an integer or a scalar.
    """
    parts = by_name(space, smallest(space, num))
    return from_names(space, parts | {"labels": labels})


def each(fn: Callable, *batches):
    """Returns the structure of `fn` of each tensor of conditions; None of None."""
    if batches[0] is None:
        return None
    return tf.nest.map_structure(fn, *batches)


def gather(condition, index):
    """Returns the rows of a batch of conditions at `index`, int `[n]`."""
    return each(lambda part: tf.gather(part, index), condition)


def where(rows: tf.Tensor, a, b):
    """Returns the conditions of `a` where `rows`, bool `[B]`, is true, else of `b`."""

    def choose(one, other):
        shape = tf.concat([tf.shape(rows), tf.ones([tf.rank(one) - 1], tf.int32)], 0)
        return tf.where(tf.reshape(rows, shape), one, other)

    return each(choose, a, b)


def require_condition(space: ConditionSpace | None, given) -> None:
    """Raises `ValueError` if a condition is missing, or given where it is of no use.

    Args:
        space: What conditions there are, or None for none.
        given: A batch of them, or None.
    """
    name = "labels" if space is None else space.name
    if (given is None) != (space is None):
        rule = f"given: the model has {space}"
        rule = "None for this model" if given is not None else rule
        # The values would fill a page.
        checks.require(False, name, rule, getattr(given, "shape", None))
    wanted = sorted(space.parts) if isinstance(space, Several) else None
    found = sorted(given) if isinstance(given, Mapping) else None
    if wanted != found:
        rule = f"a dict of {', '.join(wanted)}" if wanted else "one tensor, no dict"
        checks.require(False, name, f"{rule}: the model has {space}", found)


def like_first(condition) -> np.ndarray:
    """Returns which rows, int64 `[n]`, have the condition of the first.

    Chains of two conditions have two distributions, and are not to be compared.

    Args:
        condition: A structure of arrays `[B, ...]`, B >= 1.
    """
    same = True
    for part in map(np.asarray, tf.nest.flatten(condition)):
        equal = np.equal(part, part[0]).reshape(len(part), -1).all(axis=1)
        same = same & equal
    return np.flatnonzero(same)


_SPACES = {"classes": Classes, "numbers": Numbers, "noise_level": NoiseLevel}


def to_plain(space: ConditionSpace | None) -> dict[str, dict]:
    """Returns what JSON can hold and `from_plain` turns back into `space`."""
    kinds = {cls: kind for kind, cls in _SPACES.items()}
    return {
        name: {"kind": kinds[type(part)]} | dataclasses.asdict(part)
        for name, part in parts_of(space).items()
    }


def from_plain(data: dict[str, dict]) -> ConditionSpace | None:
    """Returns the space that `to_plain` made `data` of."""
    parts = {}
    for name, fields in data.items():
        fields = dict(fields)
        parts[name] = _SPACES[fields.pop("kind")](**fields)
    if len(parts) > 1:
        return Several(parts)
    return next(iter(parts.values()), None)
