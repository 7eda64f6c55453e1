"""Files of a search, and the settings of its trials."""

import json
import math

import pytest

from ebm_tf import checks
from pipeline.experiments import trials
from pipeline.experiments.trials import Search
from pipeline.settings import presets

RATE = "train.optimizer.learning_rate"
GRID = {
    "kind": "grid",
    "num_trials": None,
    "fields": {RATE: [0.001, 0.01], "num_updates": [5, 6, 7]},
    "metrics": ["energy/gap"],
}
RANDOM = {
    "kind": "random",
    "num_trials": 200,
    "fields": {
        RATE: {"low": 0.0001, "high": 1.0, "scale": "log"},
        "num_updates": {"low": 2, "high": 4, "scale": "linear"},
        "train.objective.replay.write": ["in_place", "ring"],
    },
    "metrics": [],
}


def read(folder, data):
    path = folder / "search.json"
    path.write_text(json.dumps(data))
    return trials.read_search(str(path))


def test_a_grid_is_every_combination(tmp_path):
    found = trials.Trials(read(tmp_path, GRID), seed=0)
    pairs = [tuple(trial.values()) for trial in found]
    assert pairs == [(a, b) for a in (0.001, 0.01) for b in (5, 6, 7)]
    assert trials.overrides(found[0]) == [f"{RATE}=0.001", "num_updates=5"]


def test_draws_fill_their_ranges_and_depend_on_the_seed_alone(tmp_path):
    search = read(tmp_path, RANDOM)
    found = list(trials.Trials(search, seed=0))
    assert found == list(trials.Trials(search, seed=0))
    assert found != list(trials.Trials(search, seed=1))
    fewer = Search(**RANDOM | {"num_trials": 3})
    assert list(trials.Trials(fewer, seed=0)) == found[:3]
    assert {trial["num_updates"] for trial in found} == {2, 3, 4}
    assert {trial["train.objective.replay.write"] for trial in found} == {
        "in_place",
        "ring",
    }
    logs = [math.log10(trial[RATE]) for trial in found]
    # Uniform on [-4, 0]: mean -2, standard deviation 4 / sqrt(12).
    assert abs(sum(logs) / 200 + 2) < 5 * 4 / math.sqrt(12 * 200)
    assert min(logs) < -3.5 and max(logs) > -0.5


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"kind": "bayes"}, "`kind` must be one of grid, random"),
        ({"num_trials": 3}, "`num_trials` must be null for a grid"),
        ({"fields": {}}, "`fields` must be at least one"),
        ({"fields": {RATE: []}}, f"`fields.{RATE}` must be a list of at least one"),
        ({"fields": {RATE: 0.1}}, f"`fields.{RATE}` must be a list, or for a random"),
        ({"fields": RANDOM["fields"]}, f"`fields.{RATE}` must be a list, or for a ran"),
        ({"other": 1}, "has no field `other`"),
        ({"kind": 1}, "`kind` must be a string"),
        ({"fields": [1]}, "`fields` must be a JSON object"),
        ({"metrics": "energy/gap"}, "`metrics` must be a list"),
        ({"metrics": [1]}, "`metrics` must be a string"),
        ({"kind": "random", "num_trials": 1.0}, "`num_trials` must be a whole"),
        ({"kind": "random", "num_trials": 2**62 + 1}, "`num_trials` must be at most"),
        ({"fields": {f"f{n}": [1] * 10 for n in range(19)}}, "of at most 4611686"),
        (
            {
                "kind": "random",
                "num_trials": 1,
                "fields": {RATE: {"low": 0, "high": 1, "scale": "log"}},
            },
            f"`fields.{RATE}.low` must be positive",
        ),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, changes, text):
    with pytest.raises((ValueError, TypeError), match=text):
        read(tmp_path, GRID | changes)


def test_as_many_trials_as_one_likes_are_made_when_it_is_their_turn(tmp_path):
    few = trials.Trials(read(tmp_path, RANDOM), seed=0)
    many = trials.Trials(read(tmp_path, RANDOM | {"num_trials": 10**12}), seed=0)
    assert len(many) == 10**12 and many[7] == few[7]
    assert many[10**12 - 1] != many[10**12 - 2]
    trials.require_valid(many, presets.read_preset("mnist")[1])
    grid = Search(
        kind="grid",
        num_trials=None,
        fields={f"field_{number}": list(range(100)) for number in range(9)},
        metrics=(),
    )
    last = trials.Trials(grid, seed=0)[10**18 - 1]
    assert list(last) == list(grid.fields) and set(last.values()) == {99}


def test_wrong_settings_of_a_trial_are_refused_by_its_number():
    _, config = presets.read_preset("mnist")
    good = {RATE: 0.1}
    trials.require_valid([good], config)
    assert config == presets.read_preset("mnist")[1]
    with pytest.raises(ValueError, match="trial 1: .*learning_rate. must be positive"):
        trials.require_valid([good, {RATE: -1}], config)
    with pytest.raises(checks.InputError, match="trial 0: .*no_such"):
        trials.require_valid([{"train.no_such": 1}], config)
