"""What an energy can depend on besides the state: a class, or a list of numbers.

A batch of labels is int32 `[B]`, numbers of classes, or float32 `[B, K]`, points of
the unit cube: positions, sizes, or attributes that are 0 or 1. Samplers never see
them: an energy is bound to its labels first (`ebm_tf.energy.build.bind_condition`).
"""

import dataclasses

import numpy as np
import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.types import Seed


@dataclasses.dataclass(frozen=True)
class Classes:
    """Labels `0 ... num - 1`, at least 2 of them."""

    num: int
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

    def random(self, seed: Seed, num: int) -> tf.Tensor:
        """Returns `num` labels, each class as likely as any other."""
        return tf.random.stateless_uniform([num], seed, 0, self.num, dtype=tf.int32)

    def in_turn(self, first: int, num: int) -> np.ndarray:
        """Returns labels number `first` on of an endless round of the classes."""
        return np.arange(first, first + num, dtype=np.int32) % self.num


@dataclasses.dataclass(frozen=True)
class Points:
    """Labels in `[0, 1]**num_dims`."""

    num_dims: int
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


ConditionSpace = Classes | Points


def require_condition(space: ConditionSpace | None, given) -> None:
    """Raises `ValueError` if labels are missing, or given where they are of no use.

    Args:
        space: What labels there are, or None for none.
        given: Labels, or None.
    """
    if (given is None) != (space is None):
        rule = f"given: the model has {space}"
        rule = "None for this model" if given is not None else rule
        # The values would fill a page.
        checks.require(False, "labels", rule, getattr(given, "shape", None))


def condition_space(
    num_classes: int | None, label_dims: int | None
) -> ConditionSpace | None:
    """Returns the labels that a configuration describes; None for no labels.

    Raises:
        ValueError: If both are given, or a number is out of range.
    """
    checks.require(
        num_classes is None or label_dims is None,
        "label_dims",
        f"null beside num_classes={num_classes}",
        label_dims,
    )
    if label_dims is not None:
        return Points(label_dims)
    return None if num_classes is None else Classes(num_classes)


def like_first(labels: np.ndarray) -> np.ndarray:
    """Returns which rows, int64 `[n]`, have the label of the first.

    Chains of two labels have two distributions, and are not to be compared.

    Args:
        labels: `[B]` or `[B, K]`, B >= 1.
    """
    same = np.equal(labels, labels[0])
    return np.flatnonzero(same.reshape(len(labels), -1).all(axis=1))
