"""The strict reader of configurations, on some made for the purpose."""

import dataclasses
import math
from typing import ClassVar

import pytest

from ebm_tf import checks, registry, settings
from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.energy.networks.custom import CustomConfig
from ebm_tf.studies import StudyConfig


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
    assert settings.from_dict(Job, DATA) == CONFIG
    assert settings.from_dict(Job, settings.to_dict(CONFIG)) == CONFIG
    assert settings.to_dict(CONFIG)["shape"] == {"kind": "circle", "radius": 1.0}


def test_union_goes_by_kind_and_tuples_are_lists():
    data = DATA | {"shape": {"kind": "polygon", "sides": [3, 4]}}
    config = settings.from_dict(Job, data)
    assert config.shape == Polygon(sides=(3, 4))
    assert settings.to_dict(config) == data


def test_whole_number_becomes_float():
    radius = settings.from_dict(Job, DATA).shape.radius
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
        settings.from_dict(Job, DATA | {first: _nest(path, value)[first]})
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
        settings.from_dict(Job, data)
    assert text in str(caught.value)


class ToolConfig(registry.Registered, what="tool", package="ebm_tf.losses"):
    """A registry made for the purpose; the package holds none of its choices."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Brush(ToolConfig):
    kind: ClassVar[str] = "brush"
    width: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kit:
    tool: ToolConfig
    tools: tuple[ToolConfig, ...] = ()
    spare: ToolConfig | None = None
    num: int = 3
    title: str = settings.display(default="kit")


def test_registry_goes_by_kind():
    data = {
        "tool": {"kind": "brush", "width": 2},
        "tools": [{"kind": "brush", "width": 1}],
        "spare": {"kind": "brush", "width": 3},
    }
    kit = settings.from_dict(Kit, data)
    spare = Brush(width=3.0)
    assert kit == Kit(tool=Brush(width=2.0), tools=(Brush(width=1.0),), spare=spare)
    assert settings.from_dict(ToolConfig, data["tool"]) == Brush(width=2.0)
    assert settings.to_dict(kit)["tools"] == [{"kind": "brush", "width": 1.0}]
    assert settings.from_dict(Kit, settings.to_dict(kit)) == kit


@pytest.mark.parametrize(
    "tool, text",
    [
        ({"kind": "brusch", "width": 1}, "`tool.kind` must be a registered tool"),
        ({"kind": "brusch", "width": 1}, "did you mean brush"),
        ({"width": 1}, "`tool.kind` must be a registered tool, one of brush"),
        ({"kind": ["brush"]}, "`tool.kind` must be a registered tool"),
        ({"kind": "brush"}, "`tool` lacks the field `width`"),
        ({"kind": "brush", "width": "1"}, "`tool.width` must be a number"),
        ("brush", "`tool` must be a JSON object"),
        (None, "`tool` must be a JSON object"),
    ],
)
def test_wrong_choice_of_a_registry_is_named_by_its_path(tool, text):
    with pytest.raises(checks.InputError) as caught:
        settings.from_dict(Kit, {"tool": tool})
    assert text in str(caught.value)


def test_name_of_the_root_comes_first():
    with pytest.raises(checks.InputError, match="`kit.tool.width` must be a number"):
        settings.from_dict(Kit, {"tool": {"kind": "brush", "width": None}}, "kit")
    with pytest.raises(checks.InputError, match="`kit` lacks the field `tool`"):
        settings.from_dict(Kit, {}, "kit")


def test_field_with_a_default_may_be_absent():
    kit = settings.from_dict(Kit, {"tool": {"kind": "brush", "width": 2}})
    assert (kit.tools, kit.spare, kit.num, kit.title) == ((), None, 3, "kit")


def test_unknown_field_is_told_before_a_missing_one_and_that_before_a_wrong_one():
    data = {"num": "3", "tule": 1}
    with pytest.raises(checks.InputError, match="no field `tule`"):
        settings.from_dict(Kit, data)
    del data["tule"]
    with pytest.raises(checks.InputError, match="lacks the field `tool`"):
        settings.from_dict(Kit, data)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Shop:
    kit: Kit
    strict: bool = False
    every: int = 1

    def also_shown(self):
        return () if self.strict else ("every",)


def test_display_fields_are_named_by_their_paths():
    kit = Kit(tool=Brush(width=1.0))
    assert settings.display_fields(Shop(kit=kit)) == ["kit.title", "every"]
    assert settings.display_fields(Shop(kit=kit, strict=True)) == ["kit.title"]


@pytest.mark.parametrize(
    "studies, text",
    [
        (
            {"x": {"kind": "typo"}},
            r"`studies.x.kind` must be a reg.*kind='typo'",
        ),
        ({"saturation": {"kind": "x"}}, "`studies.saturation.kind` must be 'satura"),
        (
            {"x": {"kind": "saturation"}},
            "`studies.x` must be named as its kind, 's",
        ),
        ({"saturaton": {}}, "did you mean saturation"),
    ],
)
def test_a_block_of_a_wrong_kind_names_where_it_is_said(studies, text):
    with pytest.raises(ValueError, match=text):
        settings.from_dict(Studies, {"studies": studies})


def test_what_was_stored_before_a_field_is_of_its_default():
    shop = Shop(kit=Kit(tool=Brush(width=1.0), num=5), every=7)
    stored = {"kit": {"tool": {"kind": "brush", "width": 2.0}}, "every": 2}
    assert settings.completed(stored, shop) == {
        "kit": {
            "tool": {"kind": "brush", "width": 2.0},
            "tools": [],
            "spare": None,
            "num": 3,
            "title": "kit",
        },
        "every": 2,
        "strict": False,
    }
    assert stored == {"kit": {"tool": {"kind": "brush", "width": 2.0}}, "every": 2}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Studies:
    studies: dict[str, StudyConfig]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Broken:
    num: int

    def __post_init__(self):
        raise ZeroDivisionError("a fault of the program")


def test_fault_of_the_program_is_raised_as_it_is():
    with pytest.raises(ZeroDivisionError, match="a fault of the program"):
        settings.from_dict(Broken, {"num": 1})


def test_a_dict_of_values_is_no_block():
    config = CustomConfig(factory="a:b", arguments={"width": 3, "names": ["x"]})
    data = settings.to_dict(config)
    assert data["arguments"] == {"width": 3, "names": ["x"]}
    assert settings.display_fields(config) == []
    assert settings.from_dict(NetworkConfig, data) == config


@dataclasses.dataclass(frozen=True, kw_only=True)
class Frame:
    size: int | tuple[int, ...]


def test_a_number_or_a_list_of_them():
    for size, read in ((8, 8), ([8, 16], (8, 16))):
        frame = settings.from_dict(Frame, {"size": size})
        assert frame == Frame(size=read)
        assert settings.to_dict(frame) == {"size": size}
    for wrong in ("8", 8.5, [8, "x"], True, {"a": 1}):
        with pytest.raises(TypeError, match=r"`size(\[1\])?` must be a whole number"):
            settings.from_dict(Frame, {"size": wrong})
