"""How large a network is, known before its weights are made."""

import dataclasses
import math

import tensorflow as tf

from ebm_tf import resources
from ebm_tf.energy.model import empty_variable, symbolic

_FLOAT32_BYTES = 4
# Layers of fewer than so many units, of which a network has tens, always fit.
_SMALL = 2048
# A matrix as wide as this takes a petabyte.
_BEYOND = 1 << 24
# What is made all the same while the size is counted: one variable, and all of them.
_REAL_ONE, _REAL_ALL = 1 << 26, 1 << 30


def require_memory(config, shape: tuple[int, ...], path: str = "energy") -> None:
    """Raises unless there is the memory for the weights of a network.

    Args:
        config: Of a network; of a user's own the size is not known.
        shape: Of one state.
        path: Name of its configuration, for the message.

    Raises:
        ValueError: If there is not.
    """
    names = sizes_of(config)
    largest = max((value for value in names.values()), default=0)
    if largest < _SMALL or config.kind == "custom":
        return
    settings = tuple(
        f"{path}.{name}" for name, value in names.items() if value >= _SMALL
    )
    what = "the network, its weights alone,"
    try:
        num_bytes = _bytes_of(config, shape)
    except Exception:
        if largest < _BEYOND:
            raise
        # A multiple of it is no size any more: a matrix of that width is named.
        num_bytes = resources.size((largest, largest))
    resources.require([resources.Need(what, num_bytes, settings)])


def sizes_of(config, path: str = "") -> dict[str, int]:
    """Returns the whole numbers among the settings of a network, by their names.

    Args:
        config: Its configuration.
        path: Its own name.

    Returns:
        Of a list of numbers, the largest.
    """
    found: dict[str, int] = {}
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        name = f"{path}.{field.name}" if path else field.name
        if dataclasses.is_dataclass(value):
            found |= sizes_of(value, name)
        parts = value if isinstance(value, tuple) else (value,)
        if parts and all(type(part) is int for part in parts):
            found[name] = max(parts)
    return found


def _bytes_of(config, shape) -> int:
    """Returns the size of the weights, of which no large one is made."""
    real = 0

    def small(make, **kwargs):
        nonlocal real
        num_bytes = _size_of(kwargs["initial_value"])
        if num_bytes > _REAL_ONE or real + num_bytes > _REAL_ALL:
            return empty_variable(make, **kwargs)
        real += num_bytes
        return make(**kwargs)

    with tf.variable_creator_scope(small), symbolic():
        model = config.make(shape)
    return sum(math.prod(v.shape) for v in model.variables) * _FLOAT32_BYTES


def _size_of(initial_value) -> int:
    with tf.Graph().as_default():  # so that it is not computed
        value = initial_value() if callable(initial_value) else initial_value
        return math.prod(value.shape) * _FLOAT32_BYTES
