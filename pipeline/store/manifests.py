"""What a manifest holds, and how two of them are compared.

kind, config, seed    the request
shown                 names of the settings that only decide what is shown
inputs                name -> path and digest of the artifacts it was made from; of a
                      part of one, the pattern of its files too
details               facts for later stages, such as the shape of an image
files                 relative path -> sha256
shown_files           patterns of the files that only show things
digest                sha256 over kind, config, seed, inputs, details and files, but
                      paths of inputs, and settings and files that only show things
choices               modules of the registered choices that decide it, by their path
                      in its configuration
imports               user's modules that its configuration names -> sha256 of the file
code, versions        what made it: digest of its code, versions of packages
device, spent         on what, and what it took: see `pipeline.cost`
started, created      when, UTC
format                number of this layout; what 1 was, `migration` knows
"""

import contextlib
import copy
import dataclasses
import datetime
import fnmatch
import hashlib
import importlib.metadata
import json
import platform
import re
from collections.abc import Iterable, Mapping

from ebm_tf import settings

from ..settings import overrides
from . import cost

FORMAT = 2
MANIFEST = "manifest.json"
_DIGEST = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52}\b")  # its first digits tell it
_PACKAGES = (
    "tensorflow",
    "tensorflow-cpu",
    "keras",
    "tensorflow-probability",
    "tensorflow-datasets",
    "numpy",
    "kfp",
)


@dataclasses.dataclass
class Facts:
    """What a stage notes of what it makes; JSON values.

    Attributes:
        details: For later stages, such as the shape of an image.
        notes: For readers, such as where data came from: they do not make the
            artifact another one.
        shown_files: Patterns of the files that only show things.
    """

    details: dict = dataclasses.field(default_factory=dict)
    notes: dict = dataclasses.field(default_factory=dict)
    shown_files: list[str] = dataclasses.field(default_factory=list)


def request(kind: str, config, inputs: Mapping[str, str], seed: int) -> dict:
    """Returns what decides an artifact.

    Args:
        kind: Such as "model".
        config: A configuration, or a dict of configurations.
        inputs: Digests of the artifacts it is made from, by name.
        seed: A whole number.
    """
    if dataclasses.is_dataclass(config):
        shown, config = settings.display_fields(config), settings.to_dict(config)
    else:
        shown = [
            f"{section}.{name}"
            for section, value in config.items()
            if dataclasses.is_dataclass(value)
            for name in settings.display_fields(value)
        ]
    config = {
        name: settings.to_dict(value) if dataclasses.is_dataclass(value) else value
        for name, value in config.items()
    }
    return {
        "kind": kind,
        "config": config,
        "seed": seed,
        "shown": shown,
        "inputs": dict(inputs),
    }


def completed(request: dict, config) -> dict:
    """Returns a recorded request with the settings that there were not yet.

    Args:
        request: What was recorded, by this code or older.
        config: A configuration, or a dict of configurations, that is asked for now:
            what is not recorded and has a default there is of that default.
    """
    recorded = dict(request.get("config", {}))
    if dataclasses.is_dataclass(config):
        recorded = settings.completed(recorded, config)
    else:
        for name, value in config.items():
            if dataclasses.is_dataclass(value) and name in recorded:
                recorded[name] = settings.completed(recorded[name], value)
    return request | {"config": recorded}


def difference(old: dict, new: dict) -> str | None:
    """Returns "FIELD was OLD, asked NEW" of the first field that differs, or None.

    Settings that only decide what is shown do not count.

    Args:
        old: A request that was made. What only its configuration has does not
            count, nor what only the request as a whole has.
        new: The request that is asked for.
    """
    shown = [*old.get("shown", ()), *new.get("shown", ())]
    found = overrides.first_difference(_flat(old, shown), _flat(new, shown))
    return found and _DIGEST.sub(r"\1", found)


def _flat(request: dict, shown: Iterable[str]) -> dict:
    """Returns what decides a request, fields of its configuration at the root."""
    rest = {n: value for n, value in request.items() if n not in ("config", "shown")}
    return _decisive(request.get("config", {}), shown) | rest


def _decisive(config: dict, shown: Iterable[str]) -> dict:
    """Returns a configuration without the fields that only show things."""
    config = copy.deepcopy(config)
    for path in shown:
        *sections, last = path.split(".")
        node = config
        for section in sections:
            node = node.get(section) or {}
        node.pop(last, None)
    return config


def request_of(manifest: dict) -> dict:
    """Returns the request that a manifest records."""
    inputs = {name: value["digest"] for name, value in manifest["inputs"].items()}
    kept = {name: manifest[name] for name in ("kind", "config", "seed", "shown")}
    return kept | {"inputs": inputs}


def complete(
    request: dict,
    inputs: Mapping[str, dict],
    facts: Facts,
    files: Mapping[str, str],
    code: dict,
    started: str,
    spent: dict,
) -> dict:
    """Returns the manifest of an artifact that was just made.

    Args:
        request: What was asked for.
        inputs: Path of every input, by name, and what else is to be known of it.
        facts: What the stage noted.
        files: sha256 of every file, by relative path.
        code: What made it: the fields choices, imports and code.
        started: When work on it began.
        spent: What it took, as `cost.Meter` tells it.
    """
    inputs = {
        name: inputs[name] | {"digest": digest}
        for name, digest in request["inputs"].items()
    }
    # As it will be read: keys of dicts become strings, tuples lists.
    noted = [facts.details, facts.notes, facts.shown_files]
    details, notes, shown_files = json.loads(json.dumps(noted, allow_nan=False))
    manifest = {"format": FORMAT} | request
    manifest |= {
        "inputs": inputs,
        "details": details,
        "files": dict(files),
        "shown_files": shown_files,
    }
    manifest |= {"digest": digest_of(manifest), "notes": notes} | code
    manifest |= {
        "versions": _versions(),
        "device": cost.device(),
        "spent": spent,
        "started": started,
        "created": now(),
    }
    return manifest | {"seal": seal(manifest)}


def digest_of(manifest: dict) -> str:
    """Returns what the field `digest` of a manifest of this format must be."""
    request = request_of(manifest)
    config = _decisive(request["config"], request.pop("shown"))
    patterns = manifest["shown_files"]
    files = {
        name: digest
        for name, digest in manifest["files"].items()
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
    }
    details = manifest["details"]
    return sha256(request | {"config": config, "details": details, "files": files})


def seal(manifest: dict) -> str:
    """Returns the sha256 over a manifest but its own seal."""
    return sha256({name: manifest[name] for name in manifest if name != "seal"})


def sha256(content: dict) -> str:
    """Returns the sha256 of JSON values, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def now() -> str:
    """Returns the time, UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _versions() -> dict:
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found
