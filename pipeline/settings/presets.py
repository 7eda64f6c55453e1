"""Presets: settings of whole runs, by name or from a JSON file.

A preset is its difference from the one that it `extends`, which may extend another. A
block of another `kind` takes the place of the whole block, and an optional block that
is absent is off.
"""

import os
import pathlib

from ebm_tf import checks, json_files, settings

from ..console import cli
from .config import RunConfig

PRESETS = pathlib.Path(__file__).parent / "presets"
# What presets of one family have in common; nobody runs one.
_BASES = PRESETS / "bases"
# Of data sets with another name than their preset, or with several.
OF_DATASET = {
    "celeb_a": "celeba_attribute",
    "cifar10": "cifar10_conditional",
    "dsprites": "dsprites_shape",
    "imagenet2012": "imagenet128",
    "small_sprites": "sprites_score",
    "svhn_cropped": "svhn",
}


def preset_names() -> list[str]:
    """Returns the names of the presets, sorted."""
    return sorted(path.stem for path in PRESETS.glob("*.json"))


def read_preset(name: str) -> tuple[str, dict]:
    """Returns the description and the settings, a dict, of a preset or JSON file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If there is no such preset, or it is wrong, or it extends one
            that is not there, or itself.
    """
    path = pathlib.Path(cli.user_path(name))
    if path.suffix != ".json" and os.sep not in name:
        checks.require_choice("preset", name, preset_names())
        path = PRESETS / f"{name}.json"
    try:
        description, data = _read_chain(path)
        config = settings.from_dict(RunConfig, data)
    except (checks.InvalidValueError, checks.InvalidTypeError) as error:
        raise type(error)(f"{name}: {error}") from error
    return description, settings.to_dict(config)


def merged(base: dict, changes: dict) -> dict:
    """Returns the settings `base` with `changes` made to it, block by block.

    Args:
        base: Settings; they stay as they are.
        changes: Some of them anew. A block of another `kind` than that of `base`
            takes its place, any other block changes it.
    """
    found = dict(base)
    for key, value in changes.items():
        old = found.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        if both and value.get("kind", old.get("kind")) == old.get("kind"):
            value = merged(old, value)
        found[key] = value
    return found


def _read_chain(path: pathlib.Path) -> tuple[str, dict]:
    """Returns the description of a preset, and its settings with all it extends."""
    chain, paths = [], []
    while path is not None:
        if path in paths:
            names = " -> ".join(each.stem for each in (*paths, path))
            rule = f"the name of a preset that does not lead back here ({names})"
            checks.require(False, "extends", rule, path.stem)
        paths.append(path)
        data = json_files.read_json(str(path))
        description, base = data.pop("description", ""), data.pop("extends", None)
        chain.append((description, data))
        path = None if base is None else _path_of(base)
    found: dict = {}
    for _, data in reversed(chain):
        found = merged(found, data)
    return chain[0][0], found


def _path_of(name: str) -> pathlib.Path:
    """Returns the file of a preset, or of a base, that another extends."""
    files = (*PRESETS.glob("*.json"), *_BASES.glob("*.json"))
    known = {path.stem: path for path in sorted(files)}
    checks.require(isinstance(name, str), "extends", "the name of a preset", name)
    checks.require_choice("extends", name, known)
    return known[name]
