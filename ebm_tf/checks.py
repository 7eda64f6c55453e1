"""One way to refuse a value: name the argument, the rule and what was received.

The error classes are ordinary `ValueError`, `TypeError` and `FileNotFoundError`
to a caller of the library; the commands recognise `InputError` and print its one
line without a traceback.
"""

import difflib
import math
import os
from collections.abc import Iterable

# What TensorFlow can hold of a whole number, and of the size of a float but 0.
INT32_MAX = 2**31 - 1
FLOAT32_MAX = (2 - 2**-23) * 2.0**127
FLOAT32_MIN = 2.0**-126


# Characters of a value that a message shows; more would hide its sentence.
_LONGEST = 500


class InputError(Exception):
    """Something the user gave is wrong; its text is one line that says what."""


class InvalidValueError(InputError, ValueError):
    """A value breaks a rule."""


class InvalidTypeError(InputError, TypeError):
    """A value has the wrong type."""


class MissingFileError(InputError, FileNotFoundError):
    """A path that must exist does not."""

    # OSError would print an errno pair; one string is what the user should read.
    __str__ = Exception.__str__


def shown(value) -> str:
    """Returns what a message shows of a value: its `repr`, cut where it is long."""
    try:
        text = repr(value)
    except ValueError:  # Python writes out no number of more than 4,300 digits
        return "a number of more than 4300 digits"
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}... ({len(text)} characters)"


def require(holds: bool, name: str, rule: str, value) -> None:
    """Raises `InvalidValueError` unless `holds`.

    Args:
        holds: Whether the rule is kept.
        name: The argument's name, as the user writes it.
        rule: The rest of the sentence "`name` must be ...".
        value: What was received.

    Raises:
        InvalidValueError: If `holds` is false.
    """
    if not holds:
        last = name.rsplit(".", 1)[-1]
        raise InvalidValueError(
            f"`{name}` must be {rule}. Received: {last}={shown(value)}"
        )


def require_number(
    name: str, value, *, low=None, high=None, above=None, is_float32: bool = True
) -> None:
    """Raises unless `value` is a finite number within the given bounds.

    Args:
        name: The argument's name.
        value: Any object; bool does not count as a number.
        low: Smallest allowed value, or None.
        high: Largest allowed value, or None.
        above: Value that must be exceeded, or None.
        is_float32: Whether it is used as one, which holds no number above 3.4e38
            in size, and none but 0 below 1.2e-38.

    Raises:
        InvalidTypeError: If `value` is no int or float.
        InvalidValueError: If it is not finite or out of bounds.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidTypeError(
            f"`{name}` must be a number. Received: {name}={shown(value)}"
        )
    # A whole number that no float can hold is finite, and too large.
    require(isinstance(value, int) or math.isfinite(value), name, "finite", value)
    if above is not None:
        rule = "positive" if above == 0 else f"above {above}"
        require(value > above, name, rule, value)
    if low is not None:
        require(value >= low, name, f"at least {low}", value)
    if high is not None:
        require(value <= high, name, f"at most {high}", value)
    if is_float32:
        rule = f"at most {FLOAT32_MAX:.8g} in size, as float32 is"
        require(abs(value) <= FLOAT32_MAX, name, rule, value)
        rule = f"0 or at least {FLOAT32_MIN:.8g} in size, as float32 is"
        require(value == 0 or abs(value) >= FLOAT32_MIN, name, rule, value)


def require_count(name: str, value, *, low: int = 1, high: int = INT32_MAX) -> None:
    """Raises unless `value` is a whole number, at least `low`, at most `high`.

    Raises:
        InvalidTypeError: If `value` is no int.
        InvalidValueError: If it is out of bounds.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidTypeError(
            f"`{name}` must be a whole number. Received: {name}={shown(value)}"
        )
    require(value >= low, name, f"at least {low}", value)
    require(value <= high, name, f"at most {high}", value)


def require_choice(name: str, value, choices) -> None:
    """Raises `InvalidValueError` unless `value` is one of `choices`."""
    if value not in list(choices):
        known = [str(choice) for choice in choices]
        rule = f"one of {', '.join(known)}{nearest(value, known)}"
        require(False, name, rule, value)


def nearest(value, known: Iterable[str]) -> str:
    """Returns " (did you mean NAME?)" with that of some names most like `value`.

    "" if none is like it, or if it is no text.
    """
    text = value if isinstance(value, str) else ""
    close = difflib.get_close_matches(text, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def require_file(path: str | os.PathLike, what: str) -> None:
    """Raises `MissingFileError` unless `path` exists; `what` says what it is."""
    if not os.path.exists(path):
        raise MissingFileError(f"{what} does not exist: {os.fspath(path)}")
