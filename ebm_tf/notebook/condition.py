"""Conditions as a user gives them: checked, and made into tensors."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from ebm_tf import checks, conditions
from ebm_tf.conditions import Classes, ConditionSpace, NoiseLevel


def tensors_of(space: ConditionSpace | None, given, num: int):
    """Returns the condition of each of `num` states, as a network takes it.

    Args:
        space: What the network depends on, or None for nothing.
        given: Classes, whole numbers `[num]`; numbers `[num, K]`; noise levels
            `[num]`; a dict of several of these by name; or None.

    Raises:
        ValueError: If it is missing or of no use, of another length, or out of range.
    """
    conditions.require_condition(space, given)
    if space is None:
        return None
    checked = {}
    for name, part in conditions.parts_of(space).items():
        value = given[name] if isinstance(given, Mapping) else given
        checked[name] = tf.constant(values_of(part, value, num, name))
    return conditions.from_names(space, checked)


def values_of(part: ConditionSpace, given, num: int, name: str) -> np.ndarray:
    """Returns the values of one part of a condition, int32 or float32 `[num, ...]`.

    Args:
        part: Classes, numbers, or a noise level.
        given: An array, or a list.
        num: How many there must be.
        name: Of the argument, for messages.

    Raises:
        ValueError: If they are of another shape, or out of range.
    """
    try:
        values = np.asarray(given)
    except ValueError:  # rows of several lengths
        values = np.asarray(None)
    shape = (num, *part.shape)
    checks.require(values.shape == shape, name, f"of shape {shape}", values.shape)
    is_class = isinstance(part, Classes)
    kinds = "iu" if is_class else "iuf"
    rule = f"{'whole ' if is_class else ''}numbers"
    checks.require(values.dtype.kind in kinds, name, rule, values.dtype)
    low, high = _range(part)
    inside = bool(np.all((values >= low) & (values <= high)))  # not so if NaN
    found = values[~((values >= low) & (values <= high))]
    checks.require(inside, name, f"within [{low:g}, {high:g}]", found[:1].tolist())
    return values.astype(np.int32 if is_class else np.float32)


def _range(part: ConditionSpace) -> tuple[float, float]:
    if isinstance(part, Classes):
        return 0, part.num - 1
    return (part.low, part.high) if isinstance(part, NoiseLevel) else (0.0, 1.0)
