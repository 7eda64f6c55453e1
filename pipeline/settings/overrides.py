"""Settings in the form of dicts: fields replaced by name, and two of them compared."""

import copy
import difflib
import json
from collections.abc import Iterable, Iterator

from ebm_tf import checks, json_files


def apply_overrides(data: dict, overrides: Iterable[str]) -> dict:
    """Returns a copy of `data` with fields replaced.

    Args:
        data: What `to_dict` returns, so that every field is there to be named.
        overrides: "field=value" texts, in order. A field is a dotted path, or the
            end of only one, such as `l2_weight`, or one with parts left out of the
            middle that is short for only one, such as `train.langevin.num_steps`; a
            value is JSON, and what is no JSON is a string.

    Raises:
        ValueError: If a text has no "=", or names no field, or more than one.
    """
    data = copy.deepcopy(data)
    for override in overrides:
        name, equals, text = override.partition("=")
        checks.require(bool(name and equals), "--set", "FIELD=VALUE", override)
        *parents, last = _find(list(_paths(data)), name).split(".")
        node = data
        for parent in parents:
            node = node[parent]
        try:
            node[last] = json_files.parse_json(text)
        except (ValueError, RecursionError):
            node[last] = text
    return data


def first_difference(old, new, name: str = "") -> str | None:
    """Returns "FIELD was OLD, asked NEW" of the first field that differs, or None.

    Args:
        old: A dict as `to_dict` returns, or any value within one.
        new: Another. Fields that only `old` has, at the root, do not count: who
            asks for less is content with more.
        name: Dotted path of the two, for the text.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        keys = list(new) + ([key for key in old if key not in new] if name else [])
        for key in keys:
            path = f"{name}.{key}" if name else str(key)
            found = first_difference(old.get(key), new.get(key), path)
            if found:
                return found
        return None
    if old == new:
        return None
    return f"{name} was {json.dumps(old)}, asked {json.dumps(new)}"


def _paths(data: dict, prefix: str = "") -> Iterator[str]:
    for key, value in data.items():
        yield prefix + key
        if isinstance(value, dict):
            yield from _paths(value, f"{prefix}{key}.")


def _find(paths: list[str], name: str) -> str:
    if name in paths:
        return name
    found = [path for path in paths if path.endswith("." + name)]
    found = found or [path for path in paths if _leaves_out(path, name)]
    if len(found) > 1:
        raise checks.InvalidValueError(
            f"`{name}` is the name of several fields: {', '.join(found)}"
        )
    if not found:
        nearest = _nearest(paths, name)
        hint = f"; did you mean {nearest}" if nearest else ""
        raise checks.InvalidValueError(f"--set names no field: {name}{hint}")
    return found[0]


def _nearest(paths: list[str], name: str) -> str:
    """Returns the path most like a name, of those whose last part is most like its.

    "" if none has such a last part.
    """
    last = {path.rsplit(".", 1)[-1] for path in paths}
    close = difflib.get_close_matches(name.rsplit(".", 1)[-1], sorted(last), n=1)

    def likeness(path: str) -> tuple[int, float]:
        parts = path.split(".")
        found = [
            difflib.get_close_matches(p, parts, cutoff=0.8) for p in name.split(".")
        ]
        return sum(map(bool, found)), difflib.SequenceMatcher(None, name, path).ratio()

    ends = [path for path in paths if path.rsplit(".", 1)[-1] in close]
    return max(ends, key=likeness, default="")


def _leaves_out(path: str, name: str) -> bool:
    """Returns whether a name is a path with some parts left out, but not the last."""
    *parts, last = path.split(".")
    *wanted, wanted_last = name.split(".")
    left = iter(parts)
    return last == wanted_last and all(part in left for part in wanted)
