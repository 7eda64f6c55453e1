"""Every flag that is a number is bounded by the type that it becomes."""

import importlib
import pkgutil

import pytest

from ebm_tf import checks
from pipeline import commands
from pipeline.commands.command import Command
from pipeline.console import cli


def _commands() -> dict[str, Command]:
    found = {}
    for info in pkgutil.iter_modules(commands.__path__):
        module = importlib.import_module(f"{commands.__name__}.{info.name}")
        if isinstance(getattr(module, "main", None), Command):
            found[info.name] = module.main
    return found


COMMANDS = _commands()
NUMBERS = {
    f"{name} --{flag.name}": (command, flag)
    for name, command in COMMANDS.items()
    for flag in command.all_flags()
    if flag.kind == "whole"
}


def test_every_command_and_every_kind_of_flag_is_looked_at():
    assert len(COMMANDS) >= 14 and len(NUMBERS) >= len(COMMANDS)
    kinds = {f.kind for each in COMMANDS.values() for f in each.all_flags()}
    assert kinds <= {"text", "path", "whole", "many", "switch"}


@pytest.mark.parametrize("key", NUMBERS)
def test_a_number_beyond_its_type_is_one_line_that_names_the_flag(key):
    command, flag = NUMBERS[key]
    # A seed is two words of 31 bits; all others are int32.
    assert flag.high == (
        2**62 - 1 if flag.name == "seed" else min(flag.high, 2**31 - 1)
    )
    beyond = (flag.high + 1, 2**63, 2**64, 10**30, 10**400, -1, "1.5", "1e3", "nan", "")
    for value in beyond:
        with pytest.raises(checks.InvalidValueError) as caught:
            cli.parse(command.name, command.all_flags(), [f"--{flag.name}={value}"])
        text = str(caught.value)
        assert flag.name in text and "\n" not in text
    words = [f"--{flag.name}={flag.high}"]
    assert cli.parse(command.name, command.all_flags(), words)[flag.name] == flag.high
