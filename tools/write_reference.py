"""Writes docs/reference from the code: every setting, every command, every preset.

    python3 -m tools.write_reference            writes what changed
    python3 -m tools.write_reference --check    only names stale pages, and exits 1

What a setting means is what the docstring of its class says. Nothing here imports
TensorFlow.
"""

import argparse
import dataclasses
import importlib
import inspect
import os
import pathlib
import re
import sys
import types
import typing

from ebm_tf import registry
from pipeline.commands import command
from pipeline.settings import preset_table, presets
from pipeline.settings.config import RunConfig

FOLDER = pathlib.Path("docs/reference")
_HEADER = "<!-- Made by tools/write_reference.py. -->\n\n"


def attributes(cls) -> dict[str, str]:
    """Returns what the docstrings of a class and its bases say of each attribute."""
    found = {}
    for base in reversed(cls.__mro__):
        text = inspect.cleandoc(base.__dict__.get("__doc__") or "")
        _, _, rest = text.partition("Attributes:\n")
        for entry in re.split(r"\n(?=    \w)", "\n" + rest.partition("\n\n")[0]):
            name, colon, words = entry.strip().partition(":")
            if colon and name.isidentifier():
                found[name] = " ".join(words.split())
    return found


def summary(cls) -> str:
    """Returns the first paragraph of a docstring, in one line."""
    return " ".join(inspect.cleandoc(cls.__doc__ or "").partition("\n\n")[0].split())


def classes_in(annotation) -> list[type]:
    """Returns the classes of settings that an annotation names, in order."""
    if typing.get_origin(annotation) is tuple or isinstance(
        annotation, types.UnionType
    ):
        parts = typing.get_args(annotation)
        return [cls for part in parts for cls in classes_in(part)]
    if typing.get_origin(annotation) is dict:
        return classes_in(typing.get_args(annotation)[1])
    if is_registry(annotation):
        return [annotation.of_kind(kind) for kind in annotation.kinds()]
    return [annotation] if dataclasses.is_dataclass(annotation) else []


def is_registry(annotation) -> bool:
    """Returns whether an annotation is the base class of a registry."""
    return (
        isinstance(annotation, type)
        and issubclass(annotation, registry.Registered)
        and not hasattr(annotation, "kind")
    )


def type_of(annotation) -> str:
    """Returns the type of a setting in words."""
    if typing.get_origin(annotation) is tuple:
        return f"list of {type_of(typing.get_args(annotation)[0])}s"
    if typing.get_origin(annotation) is dict:
        is_number = typing.get_args(annotation)[1] is float
        return "numbers, by name" if is_number else "blocks, by name"
    if isinstance(annotation, types.UnionType):
        options = typing.get_args(annotation)
        words = [type_of(each) for each in options if each is not types.NoneType]
        end = ", or null" if types.NoneType in options else ""
        return " or ".join(dict.fromkeys(words)) + end
    names = {int: "whole number", float: "number", bool: "true or false", str: "text"}
    if annotation in names:
        return names[annotation]
    return "block, by `kind`" if is_registry(annotation) else "block"


def settings_page() -> str:
    """Returns the page of all settings: a part for each class, a row for each field."""
    lines = [
        "# Settings\n",
        "A preset holds a value for every setting that has no default; `--set "
        "NAME=VALUE` changes one, `--dry_run` shows all. A block that is absent is "
        "off. Settings that only decide what is shown make nothing anew.\n",
    ]
    seen: set[type] = set()

    def write(cls, path: str) -> None:
        if cls in seen:
            return
        seen.add(cls)
        kind = getattr(cls, "kind", None)
        name = f"`{path}`" if path else "Sections"
        title = f"{name}, kind `{kind}`" if isinstance(kind, str) else name
        lines.extend([f"## {title}\n", summary(cls) + "\n"])
        words, hints = attributes(cls), typing.get_type_hints(cls)
        lines.extend(["| setting | type | meaning |", "| --- | --- | --- |"])
        for field in dataclasses.fields(cls):
            meaning = words.get(field.name, "").replace("|", "\\|")
            shown = " *Shown only.*" if field.metadata.get("shown") else ""
            lines.append(
                f"| `{field.name}` | {type_of(hints[field.name])} | {meaning}{shown} |"
            )
        lines.append("")
        for field in dataclasses.fields(cls):
            for inner in classes_in(hints[field.name]):
                write(inner, f"{path}.{field.name}" if path else field.name)

    write(RunConfig, "")
    return "\n".join(lines)


def commands_page() -> str:
    """Returns the page of all commands: what `--help` of each prints."""
    folder = pathlib.Path(command.__file__).parent
    lines = [
        "# Commands\n",
        "`./bazelw run //pipeline:NAME -- FLAGS`, or `ebm-tf-NAME FLAGS` where the "
        "package is installed.\n",
    ]
    for path in sorted(folder.glob("*.py")):
        main = getattr(
            importlib.import_module(f"pipeline.commands.{path.stem}"), "main", None
        )
        if isinstance(main, command.Command):
            lines += [f"## {main.name}\n", "```", main.help_text(), "```\n"]
    return "\n".join(lines)


def presets_page() -> str:
    """Returns the page of all presets: what `--preset=help` prints."""
    names = presets.preset_names()
    table = preset_table.text((name, *presets.read_preset(name)) for name in names)
    return "\n".join(["# Presets\n", "```", table, "```\n"])


def pages() -> dict[str, str]:
    """Returns the text of every page, by the name of its file."""
    made = {
        "settings.md": settings_page(),
        "commands.md": commands_page(),
        "presets.md": presets_page(),
    }
    return {name: _HEADER + text for name, text in made.items()}


def stale_pages(root: pathlib.Path) -> dict[str, str]:
    """Returns the pages that should change: path -> what they should hold."""
    found = {}
    for name, text in pages().items():
        path = root / FOLDER / name
        if not path.exists() or path.read_text() != text:
            found[(FOLDER / name).as_posix()] = text
    return found


def main() -> int:
    """Writes or checks the pages; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only name stale pages")
    check = parser.parse_args().check
    here = pathlib.Path(__file__).parents[1]
    root = pathlib.Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", here))
    stale = stale_pages(root)
    for path, text in stale.items():
        print(f"{path} is stale" if check else f"wrote {path}")
        if not check:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
