"""The controls of a sampler: one for each of its settings, whatever its kind is.

A sampler of a user's own has them too, under the names of its fields.
"""

import dataclasses
import types
import typing

from ebm_tf import checks
from ebm_tf.sampling.samplers import SamplerConfig
from ebm_tf.sampling.samplers.reverse_diffusion import METHODS

WHOLE, NUMBER, CHOICE, SWITCH = "whole", "number", "choice", "switch"
# Always in sight; the others are behind "more settings".
MAIN = ("num_steps", "step_size", "noise_std")
_CHOICES = {"method": METHODS}
# Name -> label, unit. A unit "state" is pixels of images.
_LABELS = {
    "num_steps": ("Steps", ""),
    "step_size": ("Step size", ""),
    "noise_std": ("Noise", "state"),
    "first_noise_std": ("Noise of the first step", "state"),
    "grad_clip": ("Slope at most", "nats per state"),
    "num_leapfrog": ("Leapfrog steps", ""),
    "temperature": ("Temperature", "nats"),
    "time_step": ("Time of a step", ""),
    "heated_from": ("Heated from time", ""),
    "start_std": ("Noise at the start", "state"),
    "rho": ("Spacing of levels", ""),
    "last_level": ("Last level", "state"),
    "start_level": ("First level", "state"),
    "corrections": ("Corrections at a level", ""),
    "correction_size": ("Size of a correction", "of the level"),
    "guidance": ("Guidance", ""),
    "steps_per_level": ("Steps at a level", ""),
    "anneal": ("From the base to the energy", ""),
    "method": ("Method", ""),
}
_UNITS = {
    ("langevin", "step_size"): "state² per nat",
    ("annealed", "step_size"): "state² per nat",
    ("mala", "step_size"): "state² per nat",
    ("hmc", "step_size"): "state",
    ("walk_jump", "step_size"): "of the noise",
    ("recovery", "step_size"): "of the level",
}
# Gradients that a step takes, by the setting that says how many.
_FACTORS = ("num_leapfrog", "steps_per_level")


class Control(typing.NamedTuple):
    """One setting.

    Attributes:
        name: Of the field.
        label: What the page calls it.
        unit: Of its value; "" for none.
        kind: `WHOLE`, `NUMBER`, `CHOICE` or `SWITCH`.
        is_optional: Whether it may be empty, None.
        choices: Of a `CHOICE`.
    """

    name: str
    label: str
    unit: str
    kind: str
    is_optional: bool = False
    choices: tuple[str, ...] = ()


def controls(sampler: SamplerConfig, state_unit: str) -> list[Control]:
    """Returns the controls of a sampler, the main ones first.

    Args:
        sampler: Any.
        state_unit: What a state is measured in, such as "pixels"; "" for nothing.
    """
    hints = typing.get_type_hints(type(sampler))
    found = []
    for field in dataclasses.fields(sampler):
        kind, is_optional = _kind(hints[field.name])
        if kind is None:
            continue
        label, unit = _LABELS.get(field.name, (field.name.replace("_", " "), ""))
        unit = _UNITS.get((sampler.kind, field.name), unit)
        unit = unit.replace("state", state_unit) if state_unit else _bare(unit)
        choices = _CHOICES.get(field.name, ())
        if kind is CHOICE and not choices:
            continue
        found.append(Control(field.name, label, unit, kind, is_optional, choices))
    return sorted(found, key=lambda c: MAIN.index(c.name) if c.name in MAIN else 99)


def _bare(unit: str) -> str:
    return "" if "state" in unit else unit


def _kind(hint) -> tuple[str | None, bool]:
    """Returns the kind of a control, None for none; whether it may be empty."""
    is_optional = False
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        inner = [part for part in typing.get_args(hint) if part is not type(None)]
        is_optional, hint = True, inner[0]
    kinds = {int: WHOLE, float: NUMBER, str: CHOICE, bool: SWITCH}
    return kinds.get(hint), is_optional


def with_values(sampler: SamplerConfig, values: dict) -> SamplerConfig:
    """Returns the sampler with what a visitor gave, by the names of its fields.

    Raises:
        ValueError, TypeError: If a value is none that the sampler takes.
    """
    known = {control.name: control for control in controls(sampler, "")}
    changes = {}
    for name, value in values.items():
        checks.require_choice("setting", name, known)
        changes[name] = _plain(known[name], value)
    return dataclasses.replace(sampler, **changes)


def _plain(control: Control, value):
    """Returns a value as the field takes it: pages have no whole numbers."""
    if control.kind is WHOLE:
        value = whole(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value) if control.kind is NUMBER and abs(value) < 2**63 else value
    if value is None and not control.is_optional:
        checks.require(False, control.name, "given", value)
    return value


def whole(value):
    """Returns a whole number as such: pages have floats alone."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return int(value)
    return value


def work(sampler: SamplerConfig, num_classes: int | None) -> int:
    """Returns how many gradients of a state a chain takes, about.

    Args:
        sampler: Any.
        num_classes: Of the energy, or None.
    """
    each = 1
    for name in _FACTORS:
        each *= getattr(sampler, name, 1)
    each *= 2 if getattr(sampler, "method", None) == "heun" else 1
    each += getattr(sampler, "corrections", 0)
    if getattr(sampler, "guidance", 0.0) and num_classes:
        each *= 1 + num_classes
    return sampler.num_steps * each
