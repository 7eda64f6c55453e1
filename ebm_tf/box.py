"""The state space, declared once: range, noise, storage.

Images live in `PIXELS`: `[0, 1]`, stored as 256 levels. A level `q` stands for
the bin `[q / 256, (q + 1) / 256)`: `decode` draws uniformly from inside the bin,
which is the dequantization of the paper (A.3), and `encode` names the bin. So
`encode(decode(q)) = q` always, and `E[decode(encode(x))] = x` for x spread evenly
over a bin. Other spaces are stored as the floats they are.

Data say their space, and examples, models and manifests carry it. A `Box` and an
`OpenSpace` answer the same calls.
"""

import dataclasses
import math
from typing import ClassVar

import numpy as np
import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.types import Seed

# Standard deviations on each side of the mean that a picture of an open space shows.
_SHOWN_STDS = 3.0


class _Space:
    """What a `Box` and an `OpenSpace` share."""

    num_levels: int | None

    @property
    def storage_dtype(self) -> tf.DType:
        """The dtype of what `encode` returns."""
        return tf.float32 if self.num_levels is None else tf.uint8

    @property
    def stored_width(self) -> float:
        """How far apart in the space stored values lie that differ by 1."""
        return 1.0

    def require_stored(self, stored, name: str = "stored") -> None:
        """Raises unless an array has the dtype that states are stored with.

        Args:
            stored: An array or a tensor.
            name: What the message calls it.

        Raises:
            TypeError: If it has another dtype.
        """
        dtype = tf.as_dtype(stored.dtype)
        if dtype != self.storage_dtype:
            raise checks.InvalidTypeError(
                f"`{name}` must be {self.storage_dtype.name}, as {self} stores states "
                f"(`encode` makes it of float states). Received: {dtype.name}"
            )

    def require_shape(self, shape: tuple[int, ...]) -> None:
        """Raises unless states of this shape can lie in the space.

        Args:
            shape: Of one state.

        Raises:
            ValueError: If the space says more or fewer numbers than the last axis has.
        """

    def _stored(self, stored) -> tf.Tensor:
        stored = tf.convert_to_tensor(stored)
        self.require_stored(stored)
        return stored


@dataclasses.dataclass(frozen=True, kw_only=True)
class Box(_Space):
    """The hypercube `[low, high]^d`.

    Attributes:
        low: Lower bound of every coordinate.
        high: Upper bound of every coordinate.
        num_levels: Number of equal bins that storage tells apart, 2 to 256, or
            None to store floats.

    Raises:
        ValueError: If `low >= high` or `num_levels` is out of range.
    """

    kind: ClassVar[str] = "box"
    is_bounded: ClassVar[bool] = True
    low: float
    high: float
    num_levels: int | None

    def __post_init__(self):
        checks.require_number("low", self.low)
        checks.require_number("high", self.high, above=self.low)
        if self.num_levels is not None:
            checks.require_count("num_levels", self.num_levels, low=2, high=256)

    def __str__(self) -> str:
        levels = f" in {self.num_levels} levels" if self.num_levels else ""
        return f"the box [{self.low:g}, {self.high:g}]{levels}"

    @property
    def stored_width(self) -> float:
        """How far apart in the box stored values lie that differ by 1."""
        return (self.high - self.low) / self.num_levels if self.num_levels else 1.0

    def clip(self, x: tf.Tensor) -> tf.Tensor:
        """Returns `x` with every coordinate moved into the box."""
        return tf.clip_by_value(x, self.low, self.high)

    def uniform(self, seed: Seed, shape) -> tf.Tensor:
        """Returns float32 states of the given shape, uniform on the box."""
        return self.low + (self.high - self.low) * rng.uniform(seed, shape)

    def noise(self, seed: Seed, shape) -> tf.Tensor:
        """Returns where chains start: `uniform`."""
        return self.uniform(seed, shape)

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

        Raises:
            TypeError: If `stored` has another dtype.
        """
        stored = self._stored(stored)
        if self.num_levels is None:
            return stored
        # Midpoints of 2**15 equal parts of the bin: mean 1/2 exactly, and float32
        # holds `level + offset` without rounding it up into the next bin.
        part = tf.floor(rng.uniform(seed, tf.shape(stored)) * 2.0**15)
        return self._at(stored, (part + 0.5) / 2.0**15)

    def center(self, stored: tf.Tensor) -> tf.Tensor:
        """Returns the middle of each stored bin: `decode` without its noise.

        Raises:
            TypeError: If `stored` has another dtype than `storage_dtype`.
        """
        stored = self._stored(stored)
        return stored if self.num_levels is None else self._at(stored, 0.5)

    def as_bytes(self, stored: np.ndarray) -> np.ndarray:
        """Returns stored states as a picture shows them: uint8, 0 low to 255 high.

        Args:
            stored: What `encode` returned, any shape. A value that is no number
                becomes 0.
        """
        stored = np.asarray(stored)
        self.require_stored(stored)
        if self.num_levels is not None:
            if self.num_levels == 256:
                return stored
            scale = 255.0 / (self.num_levels - 1)
            return np.clip(np.round(stored * scale), 0, 255).astype(np.uint8)
        return _bytes_of_unit((stored - self.low) / (self.high - self.low))

    def to_dict(self) -> dict:
        """Returns the space as JSON values; `from_dict` reads them."""
        return {"kind": self.kind} | dataclasses.asdict(self)

    def _at(self, level: tf.Tensor, offset) -> tf.Tensor:
        unit = (tf.cast(level, tf.float32) + offset) / self.num_levels
        return self.low + (self.high - self.low) * unit


@dataclasses.dataclass(frozen=True, kw_only=True)
class OpenSpace(_Space):
    """All of the real space: no bounds, states stored as float32.

    Attributes:
        mean: Where the data lie: one number, or one for each place of the last axis.
        std: How wide they lie, > 0, likewise.

    Raises:
        TypeError: If they are no numbers.
        ValueError: If one is not finite, or `std` is not positive.
    """

    kind: ClassVar[str] = "open"
    is_bounded: ClassVar[bool] = False
    num_levels: ClassVar[None] = None
    mean: float | tuple[float, ...]
    std: float | tuple[float, ...]

    def __post_init__(self):
        for name, above in (("mean", None), ("std", 0)):
            value = getattr(self, name)
            if isinstance(value, list):
                value = tuple(value)
                object.__setattr__(self, name, value)
            for number in value if isinstance(value, tuple) else (value,):
                checks.require_number(name, number, above=above)

    def __str__(self) -> str:
        return "the open space"

    def require_shape(self, shape: tuple[int, ...]) -> None:
        """Raises unless `mean` and `std` fit the last axis of states of this shape.

        Args:
            shape: Of one state.

        Raises:
            ValueError: If one of them holds more or fewer numbers than that axis.
        """
        places = shape[-1] if shape else 1
        for name in ("mean", "std"):
            value = getattr(self, name)
            if isinstance(value, tuple) and len(value) != places:
                raise checks.InvalidValueError(
                    f"`{name}` must be one number, or {places}, as many as the last "
                    f"axis of states has. Received: {len(value)} numbers"
                )

    def clip(self, x: tf.Tensor) -> tf.Tensor:
        """Returns `x`: there are no bounds."""
        return x

    def noise(self, seed: Seed, shape) -> tf.Tensor:
        """Returns where chains start: float32, normal with the data's mean and std."""
        mean, std = (tf.constant(v, tf.float32) for v in (self.mean, self.std))
        return mean + std * rng.normal(seed, shape)

    def encode(self, x: tf.Tensor) -> tf.Tensor:
        """Returns `x`: states are stored as they are."""
        return x

    def decode(self, stored: tf.Tensor, seed: Seed) -> tf.Tensor:
        """Returns `stored`, which must be float32; the seed is not used.

        Raises:
            TypeError: If `stored` has another dtype.
        """
        del seed
        return self._stored(stored)

    def center(self, stored: tf.Tensor) -> tf.Tensor:
        """Returns `stored`, which must be float32.

        Raises:
            TypeError: If `stored` has another dtype.
        """
        return self._stored(stored)

    def as_bytes(self, stored: np.ndarray) -> np.ndarray:
        """Returns states as a picture shows them: 3 std below the mean is 0, uint8."""
        stored = np.asarray(stored)
        self.require_stored(stored)
        scaled = (stored - np.asarray(self.mean)) / np.asarray(self.std)
        return _bytes_of_unit(0.5 + 0.5 * scaled / _SHOWN_STDS)

    def to_dict(self) -> dict:
        """Returns the space as JSON values; `from_dict` reads them."""
        values = {"kind": self.kind, "mean": self.mean, "std": self.std}
        return {n: list(v) if isinstance(v, tuple) else v for n, v in values.items()}


StateSpace = Box | OpenSpace

PIXELS = Box(low=0.0, high=1.0, num_levels=256)
UNIT = Box(low=0.0, high=1.0, num_levels=None)


def from_dict(data: dict) -> StateSpace:
    """Returns the space that `to_dict` made `data` of.

    Raises:
        ValueError: If it is of no kind, lacks a field or has another.
    """
    data = dict(data)
    kinds = {cls.kind: cls for cls in (Box, OpenSpace)}
    kind = data.pop("kind", None)
    checks.require_choice("space.kind", kind, kinds)
    names = {field.name for field in dataclasses.fields(kinds[kind])}
    rule = f"made of {', '.join(sorted(names))}"
    checks.require(set(data) == names, "space", rule, ", ".join(sorted(data)))
    return kinds[kind](**data)


def of_old_format(shape: tuple[int, ...]) -> StateSpace:
    """Returns the space of what was stored before spaces were declared.

    Examples, models and manifests of that time hold images, `(H, W, C)`, as 256
    levels, and points `(D,)` and sequences `(T, D)` as floats, all within [0, 1].
    """
    return PIXELS if len(shape) == 3 else UNIT


def of_details(details: dict) -> StateSpace:
    """Returns the space that the details of a manifest declare.

    Args:
        details: With "space"; of the old format with "shape" alone.
    """
    if "space" in details:
        return from_dict(details["space"])
    return of_old_format(tuple(details["shape"]))


def _bytes_of_unit(unit: np.ndarray) -> np.ndarray:
    levels = np.floor(np.nan_to_num(unit, nan=0.0) * 256.0)
    return np.clip(levels, 0, 255).astype(np.uint8)
