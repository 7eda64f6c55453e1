"""Configurations from JSON and back, strictly: every field, no other, each typed.

A mistake is one line that names the field by its dotted path, as in
"`train.langevin.step_size` must be positive. Received: step_size=-1.0".
"""

import copy
import dataclasses
import difflib
import json
import math
import types
import typing
from collections.abc import Iterable, Iterator

from ebm_tf import checks


def from_dict(cls, data, name: str = ""):
    """Returns the configuration of class `cls` that `data` describes.

    A field whose type is a union of configurations holds "kind" beside its
    fields. Whole numbers stand for floats too; true and false never for numbers.

    Args:
        cls: A dataclass, or a union of dataclasses that have a `kind`.
        data: A dict as JSON gives it, a list for each tuple.
        name: Dotted path of `data`, for messages; "" for the root.

    Raises:
        ValueError: If a field is unknown, missing, or breaks a rule.
        TypeError: If a value has the wrong type.
    """
    return _convert(cls, data, name)


def to_dict(config) -> dict:
    """Returns what `from_dict` turns back into an equal configuration."""
    fields = {"kind": config.kind} if hasattr(type(config), "kind") else {}
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if dataclasses.is_dataclass(value):
            value = to_dict(value)
        elif isinstance(value, tuple):
            value = list(value)
        fields[field.name] = value
    return fields


def read_json(path: str):
    """Returns the content of a JSON file, which must be one object.

    NaN, infinities and repeated keys, which Python's reader lets through, are
    refused.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not such a file.
    """
    checks.require_file(path, "file")
    with open(path, encoding="utf-8") as file:
        try:
            text = file.read()
        except ValueError as error:  # no UTF-8
            raise checks.InvalidValueError(f"{path} is not JSON: {error}") from error
    return parse_object(text, path)


def parse_object(text: str, name: str) -> dict:
    """Returns the JSON object that a text holds; `name` says what it is, if not."""
    try:
        data = parse_json(text)
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise checks.InvalidValueError(f"{name} is not JSON: {reason}") from error
    if not isinstance(data, dict):
        raise checks.InvalidValueError(f"{name} must hold one JSON object")
    return data


def parse_json(text: str):
    """Returns the value of a JSON text, as `read_json` reads it."""
    return json.loads(
        text, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite
    )


def dump_json(data) -> str:
    """Returns `data` as indented JSON text with a newline at its end."""
    return json.dumps(data, indent=2, allow_nan=False) + "\n"


def apply_overrides(data: dict, overrides: Iterable[str]) -> dict:
    """Returns a copy of `data` with fields replaced.

    Args:
        data: What `to_dict` returns, so that every field is there to be named.
        overrides: "field=value" texts, in order. A field is a dotted path or the
            end of only one, such as `l2_weight`; a value is JSON, and what is no
            JSON is a string.

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
            node[last] = parse_json(text)
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


def _convert(kind, value, name):
    if "_choices" in getattr(kind, "__dict__", {}):  # the base class of a registry
        _require_type(isinstance(value, dict), name, "a JSON object", value)
        kind = kind.of_kind(value.get("kind"), _join(name, "kind"))
    if dataclasses.is_dataclass(kind):
        return _convert_dataclass(kind, value, name)
    if isinstance(kind, types.UnionType):
        return _convert_union(kind, value, name)
    if typing.get_origin(kind) is tuple:
        _require_type(isinstance(value, list), name, "a list", value)
        (item,) = [arg for arg in typing.get_args(kind) if arg is not Ellipsis]
        return tuple(_convert(item, part, name) for part in value)
    if kind is float:
        _require_type(_is_number(value), name, "a number", value)
        return _to_float(value, name)
    if kind is dict:
        _require_type(isinstance(value, dict), name, "a JSON object", value)
    elif kind is int:
        whole = isinstance(value, int) and not isinstance(value, bool)
        _require_type(whole, name, "a whole number", value)
    elif kind is bool:
        _require_type(isinstance(value, bool), name, "true or false", value)
    else:
        _require_type(isinstance(value, str), name, "a string", value)
    return value


def _convert_dataclass(cls, data, name):
    _require_type(isinstance(data, dict), name or "config", "a JSON object", data)
    data = dict(data)
    kind = getattr(cls, "kind", None)
    if kind is not None:
        found = data.pop("kind", kind)
        checks.require(found == kind, _join(name, "kind"), repr(kind), found)
    fields = [field.name for field in dataclasses.fields(cls)]
    where = f"`{name}`" if name else "the configuration"
    for key in data:
        if key not in fields:
            raise checks.InvalidValueError(
                f"{where} has no field `{key}`{_suggest(key, fields)}"
            )
    for field in dataclasses.fields(cls):
        if field.name in data:
            continue
        if field.default is dataclasses.MISSING:
            raise checks.InvalidValueError(f"{where} lacks the field `{field.name}`")
    hints = typing.get_type_hints(cls)
    values = {key: _convert(hints[key], data[key], _join(name, key)) for key in data}
    try:
        return cls(**values)
    except checks.InputError as error:
        # A configuration names its own fields; the reader wants the whole path.
        text = str(error)
        if name and text.startswith("`"):
            text = f"`{name}.{text[1:]}"
        raise type(error)(text) from error


def _convert_union(union, value, name):
    options = typing.get_args(union)
    if value is None and types.NoneType in options:
        return None
    options = [option for option in options if option is not types.NoneType]
    if len(options) == 1:
        return _convert(options[0], value, name)
    _require_type(isinstance(value, dict), name, "a JSON object", value)
    kinds = {option.kind: option for option in options}
    found = value.get("kind")
    checks.require(
        isinstance(found, str) and found in kinds,
        _join(name, "kind"),
        f"one of {', '.join(kinds)}",
        found,
    )
    return _convert(kinds[found], value, name)


def _require_type(holds, name, rule, value) -> None:
    if not holds:
        last = name.rsplit(".", 1)[-1]
        raise checks.InvalidTypeError(
            f"`{name}` must be {rule}. Received: {last}={value!r}"
        )


def _is_number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _to_float(value, name) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    checks.require(math.isfinite(number), name, "finite", number)
    return number


def _join(name: str, field: str) -> str:
    return f"{name}.{field}" if name else field


def _suggest(name, known) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}" if close else f"; it has {', '.join(known)}"


def _paths(data: dict, prefix: str = "") -> Iterator[str]:
    for key, value in data.items():
        yield prefix + key
        if isinstance(value, dict):
            yield from _paths(value, f"{prefix}{key}.")


def _find(paths: list[str], name: str) -> str:
    if name in paths:
        return name
    found = [path for path in paths if path.endswith("." + name)]
    if len(found) > 1:
        raise checks.InvalidValueError(
            f"`{name}` is the name of several fields: {', '.join(found)}"
        )
    if not found:
        last = {path.rsplit(".", 1)[-1]: path for path in paths}
        close = difflib.get_close_matches(name.rsplit(".", 1)[-1], last, n=1)
        hint = f"; did you mean {last[close[0]]}" if close else ""
        raise checks.InvalidValueError(f"--set names no field: {name}{hint}")
    return found[0]


def _unique(pairs) -> dict:
    data = dict(pairs)
    if len(data) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice")
    return data


def _refuse(text):
    raise ValueError(f"{text} is no number")


def _finite(text) -> float:
    number = float(text)
    if not math.isfinite(number):
        _refuse(text)
    return number
