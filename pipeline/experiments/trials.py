"""The trials of a search: which settings each of them has, without TensorFlow."""

import dataclasses
import itertools
import json
import math
import random

from ebm_tf import checks, json_files, settings

from ..settings.config import RunConfig
from ..settings.overrides import apply_overrides

SCALES = ("linear", "log")
_KINDS = ("grid", "random")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Search:
    """What a file of a search holds.

    Attributes:
        kind: "grid": every combination of values; "random": draws of them.
        num_trials: How many draws; None for a grid.
        fields: Settings as `--set` names them, each with a list of values, or for a
            random search with a range `{"low", "high", "scale"}`: the scale is one
            of `SCALES`, and whole numbers at both ends mean whole numbers.
        metrics: Tags of TensorBoard whose last values the table shows.
    """

    kind: str
    num_trials: int | None
    fields: dict
    metrics: tuple[str, ...]

    def __post_init__(self):
        checks.require_choice("kind", self.kind, _KINDS)
        if self.kind == "random":
            checks.require_count("num_trials", self.num_trials)
        else:
            none = self.num_trials is None
            checks.require(none, "num_trials", "null for a grid", self.num_trials)
        checks.require(bool(self.fields), "fields", "at least one", self.fields)
        for name, values in self.fields.items():
            _check_values(f"fields.{name}", values, self.kind)


def _check_values(name: str, values, kind: str) -> None:
    if isinstance(values, list):
        checks.require(bool(values), name, "a list of at least one value", values)
        return
    ranged = isinstance(values, dict) and set(values) == {"low", "high", "scale"}
    checks.require(
        ranged and kind == "random",
        name,
        'a list, or for a random search {"low", "high", "scale"}',
        values,
    )
    checks.require_choice(f"{name}.scale", values["scale"], SCALES)
    above = 0 if values["scale"] == "log" else None
    checks.require_number(f"{name}.low", values["low"], above=above)
    checks.require_number(f"{name}.high", values["high"], low=values["low"])


def read_search(path: str) -> Search:
    """Returns the search that a JSON file describes.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is wrong.
    """
    data = json_files.read_json(path)
    known = [field.name for field in dataclasses.fields(Search)]
    wrong = set(data) ^ set(known)
    checks.require(not wrong, "search", f"a file with {', '.join(known)}", sorted(data))
    try:
        return Search(**data | {"metrics": tuple(data["metrics"])})
    except checks.InputError as error:
        raise type(error)(f"{path}: {error}") from error


def make_trials(search: Search, seed: int) -> list[dict]:
    """Returns the settings of each trial by field, in order.

    Args:
        search: What to try.
        seed: Decides the draws of a random search; trial k has the same settings
            however many there are.
    """
    names = list(search.fields)
    if search.kind == "grid":
        rows = itertools.product(*search.fields.values())
        return [dict(zip(names, row, strict=True)) for row in rows]
    trials = []
    for index in range(search.num_trials):
        draw = random.Random(f"{seed} {index}")
        trials.append({n: _draw(draw, v) for n, v in search.fields.items()})
    return trials


def _draw(draw: random.Random, values):
    if isinstance(values, list):
        return draw.choice(values)
    low, high = values["low"], values["high"]
    if values["scale"] == "log":
        value = math.exp(draw.uniform(math.log(low), math.log(high)))
    else:
        value = draw.uniform(low, high)
    if isinstance(low, int) and isinstance(high, int):
        return min(max(round(value), low), high)
    return float(f"{value:.6g}")


def overrides(trial: dict) -> list[str]:
    """Returns a trial's settings as values of `--set`."""
    return [f"{name}={json.dumps(value)}" for name, value in trial.items()]


def require_valid(trials: list[dict], config: dict) -> None:
    """Raises `ValueError` if the settings of a trial are wrong; names the trial."""
    for index, trial in enumerate(trials):
        try:
            data = apply_overrides(config, overrides(trial))
            settings.from_dict(RunConfig, data)
        except checks.InputError as error:
            raise type(error)(f"trial {index}: {error}") from error
