"""Strict JSON: what Python's reader lets through and JSON does not know is refused."""

import json
import math

from ebm_tf import checks, files

# Of a file that a person writes: a thousand times the longest preset.
MAX_BYTES = 1 << 24


def read_json(path: str, max_bytes: int = MAX_BYTES):
    """Returns the content of a JSON file, which must be one object.

    NaN, infinities and repeated keys, which Python's reader lets through, are
    refused.

    Args:
        path: A regular file.
        max_bytes: The largest it may be.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not such a file.
    """
    try:
        text = files.read_bytes(path, max_bytes).decode("utf-8")
    except checks.InputError:
        raise
    except ValueError as error:
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
