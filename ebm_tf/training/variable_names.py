"""Variables of one network under the names of another making of it.

Keras numbers layers as a process makes them: the second making of a network, as when
a notebook's cell runs again, has `dense_2/kernel` where the first had `dense/kernel`.
"""

import re
from collections.abc import Iterable, Mapping

_NUMBERED = re.compile(r"(.*?)(?:_(\d+))?")


def counterparts(paths: Iterable[str], stored: Iterable[str]) -> dict[str, str] | None:
    """Returns the stored path of each path, if they differ in numbers of layers alone.

    Args:
        paths: Of the variables of a network, such as "sequential_1/dense_3/kernel".
        stored: Those of an earlier making of it, in any order.

    Returns:
        Path -> stored path; None if they are of two networks.
    """
    paths = list(paths)
    mine, others = _by_rank(paths), _by_rank(stored)
    if mine.keys() != others.keys() or len(mine) < len(paths):
        return None
    return {path: others[ranked] for ranked, path in mine.items()}


def of_optimizer(path: str, renamed: Mapping[str, str]) -> str:
    """Returns the stored path of a variable that an optimizer keeps for a weight.

    Args:
        path: Such as "adam/sequential_1_dense_3_kernel_velocity".
        renamed: What `counterparts` returned, of the weights.
    """
    folder, slash, name = path.partition("/")
    # The longest first: one path may begin another.
    for weight in sorted(renamed, key=len, reverse=True):
        flat = weight.replace("/", "_")
        if name == flat or name.startswith(f"{flat}_"):
            rest = name.removeprefix(flat)
            return f"{folder}{slash}{renamed[weight].replace('/', '_')}{rest}"
    return path


def _by_rank(paths: Iterable[str]) -> dict[tuple, str]:
    """Returns paths by what they are but for the numbers: of several, their order."""
    paths = list(paths)
    names: dict[tuple, set] = {}
    for path in paths:
        parts = path.split("/")
        for depth, part in enumerate(parts):
            base, number = _NUMBERED.fullmatch(part).groups()
            key = *parts[:depth], base
            names.setdefault(key, set()).add(int(number or -1))
    ranked = {}
    for path in paths:
        parts, found = path.split("/"), []
        for depth, part in enumerate(parts):
            base, number = _NUMBERED.fullmatch(part).groups()
            place = sorted(names[*parts[:depth], base]).index(int(number or -1))
            found.append((base, place))
        ranked[tuple(found)] = path
    return ranked
