"""The strict loader, on configurations made for the purpose."""

import dataclasses
import math
from typing import ClassVar

import pytest

from ebm_tf import checks
from pipeline.settings import config_io


@dataclasses.dataclass(frozen=True, kw_only=True)
class Circle:
    kind: ClassVar[str] = "circle"
    radius: float

    def __post_init__(self):
        checks.require_number("radius", self.radius, above=0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Polygon:
    kind: ClassVar[str] = "polygon"
    sides: tuple[int, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Paint:
    color: str
    layers: int
    shiny: bool
    limit: float | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Job:
    shape: Circle | Polygon
    paint: Paint
    again: Paint


PAINT = {"color": "red", "layers": 2, "shiny": False, "limit": None}
DATA = {
    "shape": {"kind": "circle", "radius": 1},
    "paint": PAINT,
    "again": PAINT | {"limit": 3},
}
CONFIG = Job(
    shape=Circle(radius=1.0),
    paint=Paint(color="red", layers=2, shiny=False, limit=None),
    again=Paint(color="red", layers=2, shiny=False, limit=3.0),
)


def _nest(path, value):
    """Returns the branch of DATA at `path`, with another value there."""
    first, last = path.split(".")
    return {first: DATA[first] | {last: value}}


def test_reads_and_writes():
    assert config_io.from_dict(Job, DATA) == CONFIG
    assert config_io.from_dict(Job, config_io.to_dict(CONFIG)) == CONFIG
    assert config_io.to_dict(CONFIG)["shape"] == {"kind": "circle", "radius": 1.0}


def test_union_goes_by_kind_and_tuples_are_lists():
    data = DATA | {"shape": {"kind": "polygon", "sides": [3, 4]}}
    config = config_io.from_dict(Job, data)
    assert config.shape == Polygon(sides=(3, 4))
    assert config_io.to_dict(config) == data


def test_whole_number_becomes_float():
    radius = config_io.from_dict(Job, DATA).shape.radius
    assert radius == 1.0 and isinstance(radius, float)


@pytest.mark.parametrize(
    "path, value, text",
    [
        ("paint.layers", 2.0, "`paint.layers` must be a whole number"),
        ("paint.layers", True, "`paint.layers` must be a whole number"),
        ("paint.layers", "2", "`paint.layers` must be a whole number"),
        ("paint.layers", None, "`paint.layers` must be a whole number"),
        ("paint.color", 3, "`paint.color` must be a string"),
        ("paint.shiny", 1, "`paint.shiny` must be true or false"),
        ("paint.limit", True, "`paint.limit` must be a number"),
        ("paint.limit", math.nan, "`paint.limit` must be finite"),
        ("paint.limit", math.inf, "`paint.limit` must be finite"),
        ("paint.limit", 10**400, "`paint.limit` must be finite"),
        ("shape.radius", -1, "`shape.radius` must be positive. Received: radius=-1.0"),
        ("shape.radius", [1], "`shape.radius` must be a number"),
        ("shape.kind", "square", "`shape.kind` must be one of circle, polygon"),
        ("shape.kind", None, "`shape.kind` must be one of circle, polygon"),
        ("paint.colour", "red", "`paint` has no field `colour`; did you mean color"),
    ],
)
def test_wrong_value_is_named_by_its_path(path, value, text):
    first = path.split(".")[0]
    with pytest.raises(checks.InputError) as caught:
        config_io.from_dict(Job, DATA | {first: _nest(path, value)[first]})
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "data, text",
    [
        ([], "`config` must be a JSON object"),
        (DATA | {"paint": 3}, "`paint` must be a JSON object"),
        (DATA | {"shape": None}, "`shape` must be a JSON object"),
        (DATA | {"extra": 1}, "the configuration has no field `extra`"),
        ({"shape": DATA["shape"]}, "the configuration lacks the field `paint`"),
        (DATA | {"shape": {"kind": "circle"}}, "`shape` lacks the field `radius`"),
        (
            DATA | {"shape": {"kind": "polygon", "sides": 3}},
            "`shape.sides` must be a list",
        ),
        (
            DATA | {"shape": {"kind": "polygon", "sides": [3, "4"]}},
            "`shape.sides` must be a whole number",
        ),
    ],
)
def test_wrong_structure_is_refused(data, text):
    with pytest.raises(checks.InputError) as caught:
        config_io.from_dict(Job, data)
    assert text in str(caught.value)


def test_overrides_take_paths_ends_of_paths_and_json():
    texts = ["paint.color=blue", "radius=2.5", "again.limit=null", "radius=3"]
    data = config_io.apply_overrides(DATA, texts)
    assert data["paint"]["color"] == "blue"
    assert data["shape"]["radius"] == 3
    assert data["again"]["limit"] is None
    assert DATA["shape"]["radius"] == 1  # the original is as it was


def test_override_replaces_a_whole_object():
    text = 'shape={"kind": "polygon", "sides": [3]}'
    data = config_io.apply_overrides(DATA, [text])
    assert config_io.from_dict(Job, data).shape == Polygon(sides=(3,))


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
        config_io.apply_overrides(DATA, [override])
    assert text in str(caught.value)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e999", "-Infinity"])
def test_override_cannot_bring_in_what_is_no_number(text):
    data = config_io.apply_overrides(DATA, [f"radius={text}"])
    with pytest.raises(
        checks.InvalidTypeError, match="`shape.radius` must be a number"
    ):
        config_io.from_dict(Job, data)


@pytest.mark.parametrize(
    "content",
    [
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": 1, "a": 2}',
        b'{"a": 1',
        b"[1]",
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_file_that_is_not_one_json_object_is_refused(tmp_path, content):
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(checks.InvalidValueError) as caught:
        config_io.read_json(str(path))
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(checks.MissingFileError, match="gone.json"):
        config_io.read_json(str(tmp_path / "gone.json"))


def test_first_difference_names_the_field():
    old = {"a": {"b": [1], "c": 2}, "only_old": 1}
    assert config_io.first_difference(old, {"a": {"b": [1], "c": 2}}) is None
    assert config_io.first_difference(old, {"a": {"b": [1], "c": 3}}) == (
        "a.c was 2, asked 3"
    )
    assert config_io.first_difference(old, {"a": {"b": [1]}}) == (
        "a.c was 2, asked null"
    )
