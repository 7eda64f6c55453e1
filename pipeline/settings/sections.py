"""Sections of the settings of a run: a command reads those that it needs, no other.

So a stored model can be used although the section of a stage that came later, or a
field of one, is not in its settings.
"""

import dataclasses
import types
import typing
from collections.abc import Iterable

from ebm_tf import checks, settings

from .config import RunConfig


def names() -> tuple[str, ...]:
    """Returns the names of all sections."""
    return tuple(field.name for field in dataclasses.fields(RunConfig))


def read(data: dict, wanted: Iterable[str] | None) -> types.SimpleNamespace | RunConfig:
    """Returns the configurations of sections, as attributes of one object.

    Args:
        data: Settings of a run, a dict.
        wanted: Names of sections; None means all, and gives a `RunConfig`.

    Raises:
        ValueError: If one of them is not there, or wrong; the others are not looked
            at.
        TypeError: If a value in one of them has the wrong type.
    """
    if wanted is None:
        return settings.from_dict(RunConfig, data)
    hints = typing.get_type_hints(RunConfig)
    found = {}
    for name in wanted:
        checks.require_choice("section", name, names())
        if name not in data:
            raise checks.InvalidValueError(f"the settings have no section `{name}`")
        found[name] = settings.from_dict(hints[name], data[name], name)
    return types.SimpleNamespace(**found)


def resolved(data: dict, wanted: Iterable[str] | None) -> dict:
    """Returns the settings with every field of the sections that are wanted."""
    return data | {
        name: settings.to_dict(config)
        for name, config in vars(read(data, wanted)).items()
    }
