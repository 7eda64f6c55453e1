"""The one line that tells what is wrong with a configuration, and where in it."""

import dataclasses
import difflib

import cattrs

from ebm_tf import checks


class WrongValue(Exception):
    """A value breaks a rule; the reader of its field knows no path to name it by.

    Its `args` are the error to raise, the rule, and the value.
    """


def first_leaf(error: Exception, path: str) -> tuple[str, Exception]:
    """Returns the mistake to tell, and the dotted path of the value that has it.

    Of a configuration: a field that it does not know, else one that it lacks, else
    its first one that is wrong.
    """
    while isinstance(error, cattrs.BaseValidationError):
        ranked = sorted(error.exceptions, key=_rank)
        error = ranked[0]
        for note in getattr(error, "__notes__", ()):
            if isinstance(note, cattrs.AttributeValidationNote):
                missing = isinstance(error, KeyError)
                path = path if missing else _join(path, note.name)
    return path, error


def _rank(error: Exception) -> int:
    if isinstance(error, cattrs.ForbiddenExtraKeysError):
        return 0
    return 1 if isinstance(error, KeyError) else 2


def as_line(error: Exception, path: str) -> Exception:
    """Returns the one-line error to raise for a mistake at `path`."""
    where = f"`{path}`" if path else "the configuration"
    if isinstance(error, cattrs.ForbiddenExtraKeysError):
        known = [field.name for field in dataclasses.fields(error.cl)]
        key = min(error.extra_fields, key=str)
        hint = _suggest(str(key), known)
        return checks.InvalidValueError(f"{where} has no field `{key}`{hint}")
    if isinstance(error, KeyError):
        return checks.InvalidValueError(f"{where} lacks the field `{error.args[0]}`")
    if isinstance(error, WrongValue):
        kind, rule, value = error.args
        name = path or "config"
        last = name.rsplit(".", 1)[-1]
        received = f"{last}={checks.shown(value)}"
        return kind(f"`{name}` must be {rule}. Received: {received}")
    if isinstance(error, checks.InputError):
        # A configuration names its own fields; the reader wants the whole path.
        text = str(error)
        if path and text.startswith("`"):
            text = f"`{path}.{text[1:]}"
        return type(error)(text)
    return error


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _suggest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}" if close else f"; it has {', '.join(known)}"
