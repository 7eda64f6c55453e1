"""What a run made, for comparing two of them."""

import json
import os
import pathlib

# They tell when they were made.
_TIMED = {"report.html", "fingerprint.pb"}


def of_artifact(folder: str | os.PathLike) -> dict:
    """Returns what must be equal in artifacts of one request, whoever made them."""
    manifest = json.loads(pathlib.Path(folder, "manifest.json").read_text())
    files = {
        name: digest
        for name, digest in manifest["files"].items()
        if os.path.basename(name) not in _TIMED
    }
    found = {name: manifest[name] for name in ("config", "seed", "details", "code")}
    if len(files) == len(manifest["files"]):
        found["digest"] = manifest["digest"]
    return found | {"files": files}
