"""What a visitor asks: which chains, on which energy. Checked before anything runs."""

import dataclasses

import numpy as np

from ebm_tf import checks
from ebm_tf.sampling.samplers import SamplerConfig

from . import fields

# How many chains a visitor may choose from.
NUM_IMAGES = (4, 9, 16, 25, 36)
NUM_POINTS = (16, 64, 256)
AND, OR, NOT = "and", "or", "not"
RULES = (AND, OR, NOT)
_TEMPERATURES = (1e-3, 1e3)
MAX_SEED = 2**31 - 1


@dataclasses.dataclass(frozen=True, kw_only=True)
class Hole:
    """A state that is known but for some of its coordinates.

    Attributes:
        known: As it is stored, of a state's shape.
        is_unknown: Bool, of the same shape.
    """

    known: np.ndarray
    is_unknown: np.ndarray


@dataclasses.dataclass(frozen=True, kw_only=True)
class Request:
    """Chains to run.

    Attributes:
        sampler: With its settings.
        num_chains: How many.
        seed: A whole number; decides all noise.
        temperature: Factor on the temperature of the chains: energies are divided
            by it.
        label: A class, or numbers; None for all classes in turn, or no labels.
        second: Another label, joined to the first by `rule`; or None.
        rule: One of `RULES`, or None without a second label.
        level: The noise level of chains that do not walk through levels.
        hole: What is to be filled in, or None.
    """

    sampler: SamplerConfig
    num_chains: int
    seed: int
    temperature: float = 1.0
    label: int | tuple[float, ...] | None = None
    second: int | tuple[float, ...] | None = None
    rule: str | None = None
    level: float | None = None
    hole: Hole | None = None


def require(request: Request, subject, max_work: int) -> None:
    """Raises ValueError or TypeError unless a request can be run on a model.

    Args:
        request: What is asked.
        subject: The `Subject`.
        max_work: Largest number of chains times gradients.
    """
    is_point = subject.shown_as == "point"
    choices = NUM_POINTS if is_point else NUM_IMAGES
    checks.require_choice("chains", request.num_chains, choices)
    checks.require_count("seed", request.seed, low=0, high=MAX_SEED)
    low, high = _TEMPERATURES
    checks.require_number("temperature", request.temperature, low=low, high=high)
    request.sampler.require_energy(subject.levels, subject.energy.num_classes)
    _require_labels(request, subject.labels)
    if subject.levels is not None and not request.sampler.walks_levels:
        ends = {"low": subject.levels.low, "high": subject.levels.high}
        checks.require_number("level", request.level, **ends)
    _require_hole(request, subject)
    is_changed = request.rule is not None or request.hole is not None
    if is_changed or request.temperature != 1.0:
        value = getattr(request.sampler, "guidance", 0.0)
        rule = "0 with a mask, two labels or another temperature"
        checks.require(value == 0, "guidance", rule, value)
    num = fields.work(request.sampler, subject.energy.num_classes)
    num *= request.num_chains * (1 if request.rule is None else 2)
    rule = (
        f"at most {max_work:,} gradients in all, for this page: take fewer steps or "
        "chains"
    )
    checks.require(num <= max_work, "steps", rule, num)


def _require_labels(request: Request, labels) -> None:
    for name in ("label", "second"):
        value = getattr(request, name)
        if value is None:
            continue
        checks.require(labels is not None, name, "None for this model", value)
        num = getattr(labels, "num", None)
        if num is not None:
            checks.require_count(name, value, low=0, high=num - 1)
            continue
        rule = f"{labels.num_dims} numbers"
        checks.require(len(value) == labels.num_dims, name, rule, value)
        for number in value:
            checks.require_number(name, number, low=0, high=1)
    if request.rule is not None:
        checks.require_choice("rule", request.rule, RULES)
        for name in ("label", "second"):
            value = getattr(request, name)
            checks.require(value is not None, name, "one, to be joined", value)


def _require_hole(request: Request, subject) -> None:
    hole = request.hole
    if hole is None:
        return
    for name in ("known", "is_unknown"):
        found = np.shape(getattr(hole, name))
        rule = f"of shape {subject.shape}"
        checks.require(found == subject.shape, name, rule, found)
    is_some = bool(np.any(hole.is_unknown))
    checks.require(is_some, "mask", "drawn on the picture first", "nothing")
