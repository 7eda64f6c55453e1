"""What `--help` prints: of one shape for every command."""

import os
import sys
import textwrap
from collections.abc import Sequence

GROUPS = ("what", "inputs", "outputs", "how")
_WIDTH = 88


def text(
    command: str, summary: str, flags: Sequence, examples: Sequence[str], typed: str
) -> str:
    """Returns what a command does, its flags by group, and how it is typed.

    Args:
        command: Its name.
        summary: One sentence.
        flags: The flags it takes, each a `cli.Flag`.
        examples: The words after the command, of one command line each.
        typed: What stands before them, as `typed` returns it.
    """
    lines = textwrap.wrap(f"{command}: {summary}", width=_WIDTH)
    for group in GROUPS:
        members = [flag for flag in flags if flag.group == group]
        if members:
            lines += ["", f"{group}:"]
        for flag in members:
            lines += _lines_of(flag)
    if examples:
        lines += ["", "examples:", *(f"  {typed} {words}" for words in examples)]
    return "\n".join(lines)


def typed(command: str, installed: bool | None = None) -> str:
    """Returns what is typed before the flags of a command.

    Args:
        command: Its name.
        installed: Whether it is a script of an installation; None means as this
            process was started.
    """
    script = f"ebm-tf-{command}"
    if installed is None:
        installed = os.path.basename(sys.argv[0]) == script
    return script if installed else f"./bazelw run //pipeline:{command} --"


def _lines_of(flag) -> list[str]:
    name = f"--{flag.name}={flag.value}" if flag.value else f"--{flag.name}"
    words = flag.help
    if flag.default not in (None, ""):
        words += f" Default: {flag.default}."
    first, *rest = textwrap.wrap(words, width=60)
    return [f"  {name:<24} {first}", *(" " * 27 + line for line in rest)]
