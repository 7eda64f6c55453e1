"""Sections of the settings of a run: a command reads those that it needs, no other.

So a stored model can be used although the section of a stage that came later, or a
field of one, is not in its settings. Of the studies each is a section of its own,
"studies.NAME": one whose module is not imported may lie beside it.
"""

import dataclasses
import types
import typing
from collections.abc import Iterable

from ebm_tf import checks, settings
from ebm_tf.studies import StudyConfig

from .config import RunConfig

# The section that has a block for each study.
STUDIES = "studies"


def names() -> tuple[str, ...]:
    """Returns the names of all sections."""
    return tuple(field.name for field in dataclasses.fields(RunConfig))


def read(data: dict, wanted: Iterable[str] | None) -> types.SimpleNamespace | RunConfig:
    """Returns the configurations of sections, as attributes of one object.

    Args:
        data: Settings of a run, a dict.
        wanted: Names of sections, or "studies.NAME" for one study, which has the
            defaults of its settings if it is not there; None means all, and gives a
            `RunConfig`.

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
        section, _, kind = name.partition(".")
        if section == STUDIES and kind:
            study = _read_study(data, kind)
            found[section] = found.get(section, {}) | {kind: study}
            continue
        checks.require_choice("section", name, names())
        if name not in data:
            raise checks.InvalidValueError(f"the settings have no section `{name}`")
        found[name] = settings.from_dict(hints[name], data[name], name)
    return types.SimpleNamespace(**found)


def resolved(data: dict, wanted: Iterable[str] | None) -> dict:
    """Returns the settings with every field of the sections that are wanted."""
    read_ones = vars(read(data, wanted))
    found = {name: settings.plain(value) for name, value in read_ones.items()}
    if STUDIES in found:  # those that are not wanted stay as they are
        found[STUDIES] = data.get(STUDIES, {}) | found[STUDIES]
    return data | found


def _read_study(data: dict, kind: str) -> StudyConfig:
    cls, stored = StudyConfig.of_kind(kind, "study"), data.get(STUDIES, {})
    return settings.from_dict(cls, stored.get(kind, {}), f"{STUDIES}.{kind}")
