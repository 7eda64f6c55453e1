"""The trials of a search: which settings each of them has, without TensorFlow."""

import collections.abc
import dataclasses
import json
import math
import random
from collections.abc import Sequence

from ebm_tf import checks, settings

from ..settings.config import RunConfig
from ..settings.overrides import apply_overrides

SCALES = ("linear", "log")
_KINDS = ("grid", "random")
_MAX_TRIALS = 2**62
# Trials of a search that are looked at before the first is trained; the others are
# when it is their turn.
NUM_LOOKED_AT = 1000


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
    num_trials: settings.Int64 | None = None
    fields: dict
    metrics: tuple[str, ...]

    def __post_init__(self):
        checks.require_choice("kind", self.kind, _KINDS)
        if self.kind == "random":
            checks.require_count("num_trials", self.num_trials, high=_MAX_TRIALS)
        else:
            none = self.num_trials is None
            checks.require(none, "num_trials", "null for a grid", self.num_trials)
        checks.require(bool(self.fields), "fields", "at least one", self.fields)
        for name, values in self.fields.items():
            _check_values(f"fields.{name}", values, self.kind)
        rule, num = f"a search of at most {_MAX_TRIALS} trials", self.num_in_all
        checks.require(num <= _MAX_TRIALS, "fields", rule, num)

    @property
    def num_in_all(self) -> int:
        """How many trials there are."""
        if self.kind == "random":
            return self.num_trials
        return math.prod(map(len, self.fields.values()))


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
    return settings.from_file(Search, path)


class Trials(collections.abc.Sequence):
    """The settings of each trial by field, made when they are asked for.

    Args:
        search: What to try.
        seed: Decides the draws of a random search; trial k has the same settings
            however many there are.
    """

    def __init__(self, search: Search, seed: int):
        self._search, self._seed = search, seed

    def __len__(self) -> int:
        return self._search.num_in_all

    def __getitem__(self, index):
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        fields = self._search.fields
        if self._search.kind == "random":
            draw = random.Random(f"{self._seed} {index}")
            return {name: _draw(draw, values) for name, values in fields.items()}
        trial = {}
        for name, values in reversed(fields.items()):  # the last changes fastest
            index, place = divmod(index, len(values))
            trial[name] = values[place]
        return dict(reversed(trial.items()))


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


def require_valid(trials: Sequence[dict], config: dict) -> None:
    """Raises `ValueError` if the settings of a trial are wrong; names the trial.

    Of many trials only the first are looked at.
    """
    for index, trial in enumerate(trials[:NUM_LOOKED_AT]):
        try:
            data = apply_overrides(config, overrides(trial))
            settings.from_dict(RunConfig, data)
        except checks.InputError as error:
            raise type(error)(f"trial {index}: {error}") from error
