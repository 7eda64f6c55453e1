"""Presets: settings of whole runs, by name or from a JSON file."""

import os
import pathlib

from ebm_tf import checks, json_files, settings

from ..console import cli
from .config import RunConfig

PRESETS = pathlib.Path(__file__).parent / "presets"
# Of data sets with another name than their preset, or with several.
OF_DATASET = {
    "celeb_a": "celeba_attribute",
    "cifar10": "cifar10_conditional",
    "dsprites": "dsprites_shape",
    "imagenet2012": "imagenet128",
    "svhn_cropped": "svhn",
}


def preset_names() -> list[str]:
    """Returns the names of the presets, sorted."""
    return sorted(path.stem for path in PRESETS.glob("*.json"))


def read_preset(name: str) -> tuple[str, dict]:
    """Returns the description and the settings, a dict, of a preset or JSON file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If there is no such preset, or it is wrong.
    """
    path = pathlib.Path(cli.user_path(name))
    if path.suffix != ".json" and os.sep not in name:
        checks.require_choice("preset", name, preset_names())
        path = PRESETS / f"{name}.json"
    data = json_files.read_json(str(path))
    description = data.pop("description", "")
    try:
        config = settings.from_dict(RunConfig, data)
    except checks.InputError as error:
        raise type(error)(f"{name}: {error}") from error
    return description, settings.to_dict(config)
