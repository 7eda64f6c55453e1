"""The kinds of single conditions: a class, numbers, a noise level.

`ebm_tf.conditions` says what they are for, and joins several.
"""

import dataclasses
import math

import numpy as np
import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.types import Seed

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
