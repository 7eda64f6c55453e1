"""`--help` is of one shape for every command, and its examples are right."""

import importlib
import pathlib
import shlex

import pytest

from pipeline.commands import command, flags
from pipeline.console import cli

FILES = sorted(pathlib.Path(command.__file__).parent.glob("*.py"))


def commands():
    """Returns every command by name."""
    modules = [importlib.import_module(f"pipeline.commands.{f.stem}") for f in FILES]
    found = [getattr(module, "main", None) for module in modules]
    return {main.name: main for main in found if isinstance(main, command.Command)}


COMMANDS = commands()


def test_the_commands_are_found():
    assert {"all", "train", "sample", "lineage", "board"} <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_a_summary_and_two_examples_at_the_end(name):
    main = COMMANDS[name]
    text = main.help_text()
    assert text.startswith(f"{name}: ") and main.summary.endswith(".")
    start = f"  ./bazelw run //pipeline:{name} -- --"
    *_, title, first, second = text.split("\n")
    assert title == "examples:" and first != second
    assert first.startswith(start) and second.startswith(start)
    body = text[: text.index("examples:")]
    assert max(map(len, body.splitlines())) <= 88


@pytest.mark.parametrize("name", COMMANDS)
def test_the_examples_are_taken(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # with no run in it
    main = COMMANDS[name]
    for example in main.examples:
        values = cli.parse(name, main.all_flags(), shlex.split(example))
        if "set" not in values:
            continue
        if values["dataset"] is None and values["preset"] is None:
            values["preset"] = "digits"  # its model's settings, if it had one
        if isinstance(main, command.StageCommand):
            values["set"] = [*values["set"], *main.shorts(values)]
        flags.resolve(
            {"out": "run", "seed": 0} | values, getattr(main, "sections", None)
        )
