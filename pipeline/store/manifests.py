"""What a manifest holds, and how two of them are compared.

kind, config, seed    the request
inputs                name -> path and digest of the artifacts it was made from
details               facts for later stages, such as the shape of an image
files                 relative path -> sha256
digest                sha256 over all of the above but the paths of inputs
code, versions        what made it: digest of its stage's code, versions of packages
device, spent         on what, and what it took: see `pipeline.cost`
started, created      when, UTC
format                number of this layout
"""

import contextlib
import dataclasses
import datetime
import hashlib
import importlib.metadata
import json
import platform
import re
from collections.abc import Mapping

from ebm_tf import settings

from ..settings import overrides
from . import code_digest, cost

FORMAT = 1
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


def request(kind: str, config, inputs: Mapping[str, str], seed: int) -> dict:
    """Returns what decides an artifact.

    Args:
        kind: Such as "model".
        config: A configuration, or a dict of configurations.
        inputs: Digests of the artifacts it is made from, by name.
        seed: A whole number.
    """
    if dataclasses.is_dataclass(config):
        config = settings.to_dict(config)
    config = {
        name: settings.to_dict(value) if dataclasses.is_dataclass(value) else value
        for name, value in config.items()
    }
    return {"kind": kind, "config": config, "seed": seed, "inputs": dict(inputs)}


def difference(old: dict, new: dict) -> str | None:
    """Returns "FIELD was OLD, asked NEW" of the first field that differs, or None.

    Args:
        old: A request that was made. What only its configuration has does not
            count, nor what only the request as a whole has.
        new: The request that is asked for.
    """
    found = overrides.first_difference(_flat(old), _flat(new))
    return found and _DIGEST.sub(r"\1", found)


def _flat(request: dict) -> dict:
    """Returns a request with the fields of its configuration at the root."""
    rest = {name: value for name, value in request.items() if name != "config"}
    return request.get("config", {}) | rest


def request_of(manifest: dict) -> dict:
    """Returns the request that a manifest records."""
    inputs = {name: value["digest"] for name, value in manifest["inputs"].items()}
    kept = {name: manifest[name] for name in ("kind", "config", "seed")}
    return kept | {"inputs": inputs}


def complete(
    request: dict,
    paths: Mapping[str, str],
    details: dict,
    notes: dict,
    files: Mapping[str, str],
    started: str,
    spent: dict,
) -> dict:
    """Returns the manifest of an artifact that was just made.

    Args:
        request: What was asked for.
        paths: Path of every input, by name.
        details: Facts for later stages; JSON values.
        notes: Facts for readers, which make no other artifact of it; JSON values.
        files: sha256 of every file, by relative path.
        started: When the making began.
        spent: What it took, as `cost.Meter` tells it.
    """
    inputs = {
        name: {"path": paths[name], "digest": digest}
        for name, digest in request["inputs"].items()
    }
    # As it will be read: keys of dicts become strings, tuples lists.
    details, notes = json.loads(json.dumps([details, notes], allow_nan=False))
    manifest = {"format": FORMAT} | request
    manifest |= {
        "inputs": inputs,
        "details": details,
        "files": dict(files),
        "digest": _digest(request, details, dict(files)),
        "notes": notes,
        "code": code_digest.digest(request["kind"]),
        "versions": _versions(),
        "device": cost.device(),
        "spent": spent,
        "started": started,
        "created": now(),
    }
    return manifest | {"seal": seal(manifest)}


def digest_of(manifest: dict) -> str:
    """Returns what the field `digest` of a manifest must be."""
    return _digest(request_of(manifest), manifest["details"], manifest["files"])


def _digest(request: dict, details: dict, files: dict) -> str:
    return _sha256(request | {"details": details, "files": files})


def seal(manifest: dict) -> str:
    """Returns the sha256 over a manifest but its own seal."""
    return _sha256({name: manifest[name] for name in manifest if name != "seal"})


def _sha256(content: dict) -> str:
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
