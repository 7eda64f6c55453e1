"""What states, their conditions and energies must be where they come in.

A network that is given a state without its channel axis ends the process within
oneDNN, and energies `[B, 1]` broadcast with `[B]` without a word: shapes are compared
here first, as they are known when a function is traced, so that it costs nothing.
"""

import numpy as np
import tensorflow as tf

from ebm_tf import checks, conditions
from ebm_tf.box import StateSpace
from ebm_tf.conditions import ConditionSpace
from ebm_tf.types import EnergyFn


def require_states(x, state_shape: tuple[int, ...], name: str = "x") -> None:
    """Raises unless `x` is a batch of float states of that shape.

    Args:
        x: A tensor or an array, of a shape that may be known in part.
        state_shape: Of one state.
        name: What the message calls it.

    Raises:
        TypeError: If `x` has no shape, or is not of floats.
        ValueError: If it is of another shape.
    """
    if not hasattr(x, "shape") or not hasattr(x, "dtype"):
        raise checks.InvalidTypeError(
            f"`{name}` must be a tensor or an array. Received: {type(x).__name__}"
        )
    if not tf.as_dtype(x.dtype).is_floating:
        raise checks.InvalidTypeError(
            f"`{name}` must be floats (the `decode` of a state space makes them of "
            f"stored levels). Received: {tf.as_dtype(x.dtype).name}"
        )
    shape = tf.TensorShape(x.shape)
    holds = shape.is_compatible_with((None, *state_shape))
    wanted = ", ".join(["B", *map(str, state_shape)])
    checks.require(holds, name, f"states of shape [{wanted}]", _shown(shape))


def require_conditions(space: ConditionSpace | None, condition, x) -> None:
    """Raises `ValueError` unless a condition has a row for each state of `x`.

    Args:
        space: What conditions there are; another structure than it says is left to
            `conditions.require_condition`.
        condition: A batch of them, or None.
        x: The states, `[B, ...]`.
    """
    if space is None or condition is None:
        return
    num = tf.TensorShape(x.shape)[0]
    parts = conditions.parts_of(space)
    is_dict = isinstance(condition, dict)
    if is_dict != (len(parts) > 1) or (is_dict and set(condition) != set(parts)):
        return
    for name, part in parts.items():
        given = condition[name] if is_dict else condition
        shape = tf.TensorShape(
            np.shape(given) if isinstance(given, list) else given.shape
        )
        holds = shape.is_compatible_with((num, *part.shape))
        wanted = ", ".join(["B", *map(str, part.shape)])
        rule = f"of shape [{wanted}], as of B = {num} states"
        checks.require(holds, name, rule, _shown(shape))


def require_energies(energies, x, name: str = "energy_fn") -> None:
    """Raises `ValueError` unless there is one energy for each state of `x`.

    Args:
        energies: What an energy returned for them.
        x: States, `[B, ...]`.
        name: What the message calls the energy.
    """
    shape = tf.TensorShape(getattr(energies, "shape", None))
    num = tf.TensorShape(x.shape)[:1]
    rule = "a function that returns [B], an energy for each state"
    checks.require(shape.is_compatible_with(num), name, rule, _shown(shape))


def checked(energy_fn: EnergyFn) -> EnergyFn:
    """Returns `energy_fn`, which refuses to return anything else than `[B]`."""

    def energies(x: tf.Tensor) -> tf.Tensor:
        found = energy_fn(x)
        require_energies(found, x)
        return found

    return energies


def require_stored(space: StateSpace, stored: np.ndarray, name: str = "stored") -> None:
    """Raises unless states `[N, ...]` are what a space stores, finite and within it.

    Args:
        space: The state space.
        stored: States as they are stored.
        name: What the message calls them.

    Raises:
        TypeError: If they have another dtype.
        ValueError: If they cannot lie in the space, a number is not finite, or one is
            outside of it.
    """
    space.require_stored(stored, name)
    space.require_shape(stored.shape[1:])
    if stored.size == 0:
        return
    if stored.dtype.kind == "f":
        require_finite(stored, name)
    if space.is_bounded:
        low, high = space.low, space.high
        if space.num_levels is not None:
            low, high = 0, space.num_levels - 1
        inside = low <= stored.min() and stored.max() <= high
        rule = f"within [{low:g}, {high:g}]"
        checks.require(inside, name, rule, f"{stored.min()} to {stored.max()}")


def require_finite(x: np.ndarray, name: str) -> None:
    """Raises `ValueError` unless all numbers are finite."""
    bad = int(np.sum(~np.isfinite(x)))
    checks.require(bad == 0, name, "finite", f"{bad} numbers that are not")


def _shown(shape: tf.TensorShape) -> str:
    return "of an unknown shape" if shape.rank is None else str(shape.as_list())
