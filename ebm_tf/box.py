"""The range of a state space, declared once: bounds, noise, storage.

Images live in `PIXELS`: `[0, 1]`, stored as 256 levels. A level `q` stands for
the bin `[q / 256, (q + 1) / 256)`: `decode` draws uniformly from inside the bin,
which is the dequantization of the paper (A.3), and `encode` names the bin. So
`encode(decode(q)) = q` always, and `E[decode(encode(x))] = x` for x spread evenly
over a bin. Other spaces are stored as the floats they are.
"""

import dataclasses
import math

import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.types import Seed


@dataclasses.dataclass(frozen=True, kw_only=True)
class Box:
    """The hypercube `[low, high]^d`.

    Attributes:
        low: Lower bound of every coordinate.
        high: Upper bound of every coordinate.
        num_levels: Number of equal bins that storage tells apart, 2 to 256, or
            None to store floats.

    Raises:
        ValueError: If `low >= high` or `num_levels` is out of range.
    """

    low: float
    high: float
    num_levels: int | None

    def __post_init__(self):
        checks.require_number("low", self.low)
        checks.require_number("high", self.high, above=self.low)
        if self.num_levels is not None:
            checks.require_count("num_levels", self.num_levels, low=2, high=256)

    @property
    def storage_dtype(self) -> tf.DType:
        """The dtype of what `encode` returns."""
        return tf.float32 if self.num_levels is None else tf.uint8

    def clip(self, x: tf.Tensor) -> tf.Tensor:
        """Returns `x` with every coordinate moved into the box."""
        return tf.clip_by_value(x, self.low, self.high)

    def uniform(self, seed: Seed, shape) -> tf.Tensor:
        """Returns float32 states of the given shape, uniform on the box."""
        return self.low + (self.high - self.low) * rng.uniform(seed, shape)

    def log_volume(self, num_dims: int) -> float:
        """Returns the log volume in nats: minus the log density of `uniform`."""
        return num_dims * math.log(self.high - self.low)

    def encode(self, x: tf.Tensor) -> tf.Tensor:
        """Returns `x` as it is stored: the index of each coordinate's bin.

        Coordinates outside the box count as the nearest bin's.

        Args:
            x: States, float32, any shape.

        Returns:
            Same shape, of `storage_dtype`.
        """
        if self.num_levels is None:
            return x
        unit = (x - self.low) / (self.high - self.low)
        level = tf.floor(unit * self.num_levels)
        return tf.cast(tf.clip_by_value(level, 0, self.num_levels - 1), tf.uint8)

    def decode(self, stored: tf.Tensor, seed: Seed) -> tf.Tensor:
        """Returns states drawn uniformly from the stored bins.

        Args:
            stored: What `encode` returned, of `storage_dtype`, any shape.
            seed: `int32[2]`.

        Returns:
            Same shape, float32, within the box.
        """
        if self.num_levels is None:
            return stored
        # Midpoints of 2**15 equal parts of the bin: mean 1/2 exactly, and float32
        # holds `level + offset` without rounding it up into the next bin.
        part = tf.floor(rng.uniform(seed, tf.shape(stored)) * 2.0**15)
        return self._at(stored, (part + 0.5) / 2.0**15)

    def center(self, stored: tf.Tensor) -> tf.Tensor:
        """Returns the middle of each stored bin: `decode` without its noise."""
        return stored if self.num_levels is None else self._at(stored, 0.5)

    def _at(self, level: tf.Tensor, offset) -> tf.Tensor:
        unit = (tf.cast(level, tf.float32) + offset) / self.num_levels
        return self.low + (self.high - self.low) * unit


PIXELS = Box(low=0.0, high=1.0, num_levels=256)
UNIT = Box(low=0.0, high=1.0, num_levels=None)


def box_of(shape: tuple[int, ...]) -> Box:
    """Returns the state space of data of that shape, each coordinate in [0, 1].

    Images, `(H, W, C)`, are stored as 256 levels; points `(D,)` and sequences
    `(T, D)` as the floats they are.
    """
    return PIXELS if len(shape) == 3 else UNIT
