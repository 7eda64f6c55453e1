"""Arrays of a training's state in little space, at a stated loss.

Floats that are named are rounded to half precision, equal arrays are kept once,
constants as one number, and arrays that are named for it not at all: those are drawn
anew, evenly over their type.
"""

import json
from collections.abc import Collection, Mapping

import numpy as np

_LAYOUT = "layout"


def pack(
    arrays: Mapping[str, np.ndarray],
    rounded: Collection[str],
    drawn: Collection[str] = (),
) -> dict[str, np.ndarray]:
    """Returns arrays for `numpy.savez`, of which `unpack` makes those of `arrays`.

    Args:
        arrays: By name.
        rounded: Names of float32 arrays to keep in half precision.
        drawn: Names of uint8 arrays to draw anew.

    Raises:
        OverflowError: If a float is too large for half precision.
    """
    layout, found, seen = [], {}, {}
    for name, array in arrays.items():
        entry = {"name": name, "dtype": array.dtype.name, "shape": list(array.shape)}
        key = (array.dtype.name, array.shape, array.tobytes())
        if name in drawn:
            entry["kind"] = "drawn"
        elif array.size > 1 and np.all(array == array.flat[0]):
            entry |= {"kind": "constant", "value": array.flat[0].item()}
        elif key in seen:
            entry |= {"kind": "same", "as": seen[key]}
        else:
            entry["kind"] = "array"
            seen[key] = name
            found[name] = _half(name, array) if name in rounded else array
        layout.append(entry)
    return {_LAYOUT: np.array(json.dumps(layout))} | found


def unpack(packed: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns the arrays that `pack` was given, as near as it kept them."""
    rng, found = np.random.default_rng(0), {}
    for entry in json.loads(str(packed[_LAYOUT])):
        name, shape, kind = entry["name"], entry["shape"], entry["kind"]
        if kind == "drawn":
            array = rng.integers(0, 256, shape)
        elif kind == "constant":
            array = np.full(shape, entry["value"])
        else:
            array = found[entry["as"]] if kind == "same" else packed[name]
        found[name] = np.asarray(array, entry["dtype"])
    return found


def _half(name: str, array: np.ndarray) -> np.ndarray:
    half = array.astype(np.float16)
    if not np.isfinite(half).all():
        raise OverflowError(f"`{name}` has numbers too large for half precision")
    return half
