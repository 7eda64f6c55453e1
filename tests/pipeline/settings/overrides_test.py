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
