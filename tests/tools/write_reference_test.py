"""The reference is what the code says, and says it of every setting."""

import dataclasses
import pathlib
from typing import ClassVar

import pytest

from ebm_tf import registry
from tools import write_reference

ROOT = pathlib.Path(__file__).absolute().parents[2]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Chain:
    """How far it goes,
    and how fast.

    Attributes:
        num_steps: Steps, > 0; of all of
            them.
        step_size: Of one of them: pixels.
    """

    num_steps: int
    step_size: float | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Longer(Chain):
    """A chain with an end.

    Attributes:
        num_steps: Steps until the end.
    """

    kind: ClassVar[str] = "longer"


class Wall(registry.Registered, what="wall", package="json"):
    """A registry without choices of its own."""


@pytest.fixture(scope="module")
def pages():
    return write_reference.pages()


def test_the_pages_are_up_to_date(pages):
    for name, text in pages.items():
        path = ROOT / write_reference.FOLDER / name
        assert path.read_text() == text, "run `python3 -m tools.write_reference`"


def test_every_command_and_preset_is_there(pages):
    for name in ("all", "train", "sample", "lineage"):
        assert f"\n## {name}\n" in pages["commands.md"]
    assert "cifar10_conditional" in pages["presets.md"]


def test_every_setting_has_a_meaning(pages):
    rows = [row for row in pages["settings.md"].splitlines() if row.startswith("| `")]
    assert len(rows) > 100
    assert [row for row in rows if row.endswith("|  |")] == []


def test_attributes_are_those_of_the_docstrings():
    assert write_reference.attributes(Chain) == {
        "num_steps": "Steps, > 0; of all of them.",
        "step_size": "Of one of them: pixels.",
    }
    assert write_reference.attributes(Longer)["num_steps"] == "Steps until the end."
    assert write_reference.summary(Chain) == "How far it goes, and how fast."


@pytest.mark.parametrize(
    "annotation, words",
    [
        (int, "whole number"),
        (float | None, "number, or null"),
        (tuple[int, ...], "list of whole numbers"),
        (Chain, "block"),
        (Wall | None, "block, by `kind`, or null"),
    ],
)
def test_types_in_words(annotation, words):
    assert write_reference.type_of(annotation) == words


def test_classes_in_an_annotation():
    assert write_reference.classes_in(Chain | None) == [Chain]
    assert write_reference.classes_in(int | None) == []
    assert write_reference.is_registry(Wall) and not write_reference.is_registry(int)
