"""Manifests and requests as files: read strictly, each field of its type.

Whether the content fits its own digests, who reads it finds out.
"""

import dataclasses
import os
import pathlib

from ebm_tf import checks, json_files, settings

from . import manifests, migration

# An artifact may hold a picture of each of a million samples.
_MAX_BYTES = 1 << 28


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Input:
    path: str
    digest: str
    files: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Evaluation:
    path: str
    digest: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Notes:
    origin: str | None = None
    data_dir: str | None = None
    checksums: dict[str, str] | None = None
    evaluation: _Evaluation | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Manifest:
    """What `manifests` says of each field; what decides nothing may be missing."""

    format: int
    kind: str
    config: dict
    seed: settings.Int64
    inputs: dict[str, _Input]
    details: dict
    files: dict[str, str]
    digest: str
    seal: str
    notes: _Notes = dataclasses.field(default_factory=_Notes)
    code: str | None = None
    versions: dict[str, str] | None = None
    device: dict | None = None
    spent: dict[str, settings.Float64] | None = None
    started: str | None = None
    created: str | None = None
    shown: tuple[str, ...] = ()
    shown_files: tuple[str, ...] = ()
    choices: dict[str, str] = dataclasses.field(default_factory=dict)
    imports: dict[str, str] = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        for name in self.files:
            parts = pathlib.PurePosixPath(name)
            is_below = not parts.is_absolute() and ".." not in parts.parts and name
            checks.require(bool(is_below), "files", "below the artifact", name)


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Asked:
    kind: str
    config: dict
    seed: settings.Int64
    inputs: dict[str, str]
    shown: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Request:
    """What `unfinished.note` writes; defaults are for format 1."""

    started: str
    request: _Asked
    format: int = 1
    code: str | None = None
    spent: dict[str, settings.Float64] | None = None


def read(folder: str) -> dict:
    """Returns what the manifest of an artifact holds, in the format it was written in.

    Raises:
        FileNotFoundError: If there is none.
        TypeError, ValueError: If it is no manifest of a format that is known.
    """
    return _read(os.path.join(folder, manifests.MANIFEST), _Manifest)


def read_request(path: str) -> dict:
    """As `read`, of the note in a folder of unfinished work."""
    return _read(path, _Request)


def _read(path: str, cls) -> dict:
    content = json_files.read_json(path, _MAX_BYTES)
    found = content.get("format", 1 if cls is _Request else None)
    is_known = type(found) is int and found in migration.FORMATS
    if not is_known:
        raise checks.InvalidValueError(
            f"{path} has format {checks.shown(found)}, "
            f"this program reads {' and '.join(map(str, migration.FORMATS))}"
        )
    settings.from_dict_of(path, cls, _known(cls, content))
    return content


def _known(cls, content: dict) -> dict:
    """Returns content without the fields that nobody here reads."""
    found = {}
    for field in dataclasses.fields(cls):
        if field.name in content:
            value = content[field.name]
            below = {"notes": _Notes, "request": _Asked}.get(field.name)
            inside = below and isinstance(value, dict)
            found[field.name] = _known(below, value) if inside else value
    evaluation = found.get("evaluation")
    if isinstance(evaluation, dict):
        found["evaluation"] = _known(_Evaluation, evaluation)
    if isinstance(found.get("inputs"), dict) and cls is _Manifest:
        found["inputs"] = {
            name: _known(_Input, value) if isinstance(value, dict) else value
            for name, value in found["inputs"].items()
        }
    return found
