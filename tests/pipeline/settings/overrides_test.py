"""Settings replaced by name, and two of them compared."""

import dataclasses

import pytest

from ebm_tf import checks, settings
from pipeline.settings import overrides


@dataclasses.dataclass(frozen=True, kw_only=True)
class Circle:
    radius: float


PAINT = {"color": "red", "layers": 2, "shiny": False, "limit": None}
DATA = {
    "shape": {"kind": "circle", "radius": 1},
    "paint": PAINT,
    "again": PAINT | {"limit": 3},
}


def test_overrides_take_paths_ends_of_paths_and_json():
    texts = ["paint.color=blue", "radius=2.5", "again.limit=null", "radius=3"]
    data = overrides.apply_overrides(DATA, texts)
    assert data["paint"]["color"] == "blue"
    assert data["shape"]["radius"] == 3
    assert data["again"]["limit"] is None
    assert DATA["shape"]["radius"] == 1  # the original is as it was


def test_override_replaces_a_whole_object():
    text = 'shape={"kind": "polygon", "sides": [3]}'
    data = overrides.apply_overrides(DATA, [text])
    assert data["shape"] == {"kind": "polygon", "sides": [3]}


@pytest.mark.parametrize(
    "override, text",
    [
        ("color=blue", "several fields: paint.color, again.color"),
        ("radios=1", "did you mean shape.radius"),
        ("radius", "`--set` must be FIELD=VALUE"),
        ("=1", "`--set` must be FIELD=VALUE"),
        ("adius=1", "names no field: adius"),
        ("shape.radius.x=1", "names no field"),
    ],
)
def test_override_that_names_no_single_field_is_refused(override, text):
    with pytest.raises(checks.InvalidValueError) as caught:
        overrides.apply_overrides(DATA, [override])
    assert text in str(caught.value)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e999", "-Infinity"])
def test_override_cannot_bring_in_what_is_no_number(text):
    data = overrides.apply_overrides(DATA, [f"radius={text}"])
    with pytest.raises(checks.InvalidTypeError, match="`radius` must be a number"):
        settings.from_dict(Circle, {"radius": data["shape"]["radius"]})


def test_first_difference_names_the_field():
    old = {"a": {"b": [1], "c": 2}, "only_old": 1}
    assert overrides.first_difference(old, {"a": {"b": [1], "c": 2}}) is None
    assert overrides.first_difference(old, {"a": {"b": [1], "c": 3}}) == (
        "a.c was 2, asked 3"
    )
    assert overrides.first_difference(old, {"a": {"b": [1]}}) == (
        "a.c was 2, asked null"
    )


NESTED = {
    "train": {
        "objective": {"langevin": {"num_steps": 1}, "replay": {"size": 2}},
        "optimizer": {"rate": 3},
    },
    "sample": {"langevin": {"num_steps": 4}, "size": 5},
}


def test_parts_in_the_middle_of_a_name_may_be_left_out():
    data = overrides.apply_overrides(NESTED, ["train.langevin.num_steps=10"])
    assert data["train"]["objective"]["langevin"]["num_steps"] == 10
    assert data["sample"] == NESTED["sample"]
    data = overrides.apply_overrides(NESTED, ["train.size=7", "train.rate=8"])
    assert data["train"]["objective"]["replay"] == {"size": 7}
    assert data["train"]["optimizer"] == {"rate": 8}


def test_whole_name_wins_over_its_end_and_that_over_parts():
    data = {"a": {"x": 1, "b": {"x": 2, "a": {"x": 3}}}}
    assert overrides.apply_overrides(data, ["a.x=9"])["a"]["x"] == 9
    del data["a"]["x"]  # now the end of one name, and short for another
    found = overrides.apply_overrides(data, ["a.x=9"])
    assert found == {"a": {"b": {"x": 2, "a": {"x": 9}}}}


@pytest.mark.parametrize(
    "name, text",
    [
        ("langevin.num_steps", "several fields: train.objective.langevin.num_steps, "),
        ("train.num_step", "names no field: train.num_step; did you mean train."),
        ("sampel.num_steps", "sampel.num_steps; did you mean sample."),
        ("train.langevim.num_steps", "; did you mean train.objective.langevin.num_"),
        ("langevin.train.num_steps", "names no field"),
        ("train.optimizer.size", "names no field"),
    ],
)
def test_name_that_is_not_short_for_one_field_is_refused(name, text):
    with pytest.raises(checks.InvalidValueError) as caught:
        overrides.apply_overrides(NESTED, [f"{name}=1"])
    assert text in str(caught.value)
