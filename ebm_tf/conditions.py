"""What an energy can depend on besides the state: a class, numbers, a noise level.

A space says what a condition can be: `Classes`, `Numbers`, `NoiseLevel`, or `Several`
of them at once, by name; None where an energy depends on the state alone. A batch of
conditions is a structure: None, a tensor `[B, ...]`, or a dict of tensors by name.
Samplers never see it: an energy is bound to its condition first
(`ebm_tf.energy.build.bind_condition`).
"""

import dataclasses
import math
from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.types import Seed

# None, a tensor, or a dict of tensors by name.
Condition = tf.Tensor | dict[str, tf.Tensor] | None

# Smooth functions of the noise level that a table of rows is multiplied with.
_NUM_FEATURES = 8
# Levels of one round of `NoiseLevel.in_turn`.
_ROUND = 10


@dataclasses.dataclass(frozen=True)
class Classes:
    """Labels `0 ... num - 1`, at least 2 of them; a batch is int32 `[B]`."""

    num: int
    name = "labels"
    shape = ()
    dtype = tf.int32

    def __post_init__(self):
        checks.require_count("num", self.num, low=2)

    def __str__(self):
        return f"{self.num} classes"

    @property
    def num_rows(self) -> int:
        """Rows of a table that a label reads."""
        return self.num

    def of_table(self, table: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Returns the rows of `table`, `[num_rows, C]`, at `labels`: `[B, C]`."""
        return tf.gather(table, labels)

    def random(self, seed: Seed, num: int) -> tf.Tensor:
        """Returns `num` labels, each class as likely as any other."""
        return tf.random.stateless_uniform([num], seed, 0, self.num, dtype=tf.int32)

    def in_turn(self, first: int, num: int) -> np.ndarray:
        """Returns labels number `first` on of an endless round of the classes."""
        return np.arange(first, first + num, dtype=np.int32) % self.num


@dataclasses.dataclass(frozen=True)
class Numbers:
    """Points of `[0, 1]**num_dims`, such as positions, or attributes that are 0 or 1.

    A batch is float32 `[B, num_dims]`.
    """

    num_dims: int
    name = "labels"
    dtype = tf.float32

    def __post_init__(self):
        checks.require_count("num_dims", self.num_dims, high=62)

    def __str__(self):
        return f"labels of {self.num_dims} numbers"

    @property
    def shape(self) -> tuple[int]:
        """Shape of one label."""
        return (self.num_dims,)

    @property
    def num_rows(self) -> int:
        """Rows of a table that a label is multiplied with."""
        return self.num_dims

    def of_table(self, table: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Returns `labels` times `table`, `[num_rows, C]`: `[B, C]`."""
        return tf.matmul(tf.cast(labels, table.dtype), table)

    def random(self, seed: Seed, num: int) -> tf.Tensor:
        """Returns `num` labels, uniform on the cube."""
        return rng.uniform(seed, [num, self.num_dims])

    def in_turn(self, first: int, num: int) -> np.ndarray:
        """Returns labels number `first` on of an endless round of the corners.

        Corner i is i in binary, its lowest digit first: for attributes that are 0 or
        1 these are all combinations.
        """
        corners = np.arange(first, first + num, dtype=np.int64) % 2**self.num_dims
        digits = corners[:, None] >> np.arange(self.num_dims)
        return (digits % 2).astype(np.float32)


@dataclasses.dataclass(frozen=True)
class NoiseLevel:
    """Standard deviations of Gaussian noise on the state; a batch is float32 `[B]`.

    Attributes:
        low: The smallest, positive, in units of the state.
        high: The largest, above `low`.
    """

    low: float
    high: float
    name = "noise_level"
    shape = ()
    dtype = tf.float32

    def __post_init__(self):
        checks.require_number("low", self.low, above=0)
        checks.require_number("high", self.high, above=self.low)

    def __str__(self):
        return f"noise levels from {self.low:g} to {self.high:g}"

    @property
    def num_rows(self) -> int:
        """Rows of a table that the features of a level are multiplied with."""
        return _NUM_FEATURES

    def features(self, sigma: tf.Tensor) -> tf.Tensor:
        """Returns cosines of the level's place between low and high.

            t = (log sigma - log low) / (log high - log low)
            features = cos(pi * k * t)    for k = 1, 2, ...

        Args:
            sigma: Float `[B]`; what is outside counts as the nearer end.

        Returns:
            Float32 `[B, num_rows]`, in [-1, 1].
        """
        low, high = math.log(self.low), math.log(self.high)
        t = (tf.math.log(tf.cast(sigma, tf.float32)) - low) / (high - low)
        k = tf.range(1, _NUM_FEATURES + 1, dtype=tf.float32)
        return tf.cos(math.pi * tf.clip_by_value(t, 0.0, 1.0)[:, None] * k)

    def of_table(self, table: tf.Tensor, sigma: tf.Tensor) -> tf.Tensor:
        """Returns the features of `sigma` times `table`, `[num_rows, C]`: `[B, C]`."""
        return tf.matmul(tf.cast(self.features(sigma), table.dtype), table)

    def random(self, seed: Seed, num: int) -> tf.Tensor:
        """Returns `num` levels whose logarithm is uniform."""
        low, high = math.log(self.low), math.log(self.high)
        sigma = tf.exp(low + (high - low) * rng.uniform(seed, [num]))
        return tf.clip_by_value(sigma, self.low, self.high)

    def in_turn(self, first: int, num: int) -> np.ndarray:
        """Returns levels number `first` on of an endless round from high to low.

        A round has 10 levels, whose logarithms are evenly spaced, both ends included.
        """
        levels = np.geomspace(self.high, self.low, _ROUND)
        return levels[np.arange(first, first + num) % _ROUND].astype(np.float32)


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


def smallest(space: ConditionSpace | None, num: int = 1):
    """Returns a batch of `num` conditions: class 0, numbers 0, the lowest level."""
    made = {
        name: tf.fill(
            (num, *part.shape),
            tf.cast(part.low if isinstance(part, NoiseLevel) else 0, part.dtype),
        )
        for name, part in parts_of(space).items()
    }
    return from_names(space, made)


def gather(condition, index):
    """Returns the rows of a batch of conditions at `index`, int `[n]`."""
    if condition is None:
        return None
    return tf.nest.map_structure(lambda part: tf.gather(part, index), condition)


def where(rows: tf.Tensor, a, b):
    """Returns the conditions of `a` where `rows`, bool `[B]`, is true, else of `b`."""

    def choose(one, other):
        shape = tf.concat([tf.shape(rows), tf.ones([tf.rank(one) - 1], tf.int32)], 0)
        return tf.where(tf.reshape(rows, shape), one, other)

    if a is None:
        return None
    return tf.nest.map_structure(choose, a, b)


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
