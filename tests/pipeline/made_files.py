"""What a run made, for comparing two of them."""

import json
import os
import pathlib

from tensorflow.core.protobuf import fingerprint_pb2

# The report tells times, and the fingerprint of a SavedModel has a number drawn for it.
# TensorFlow numbers functions over all that a process does: so is `saved_model.pb`.
_OF_THE_PROCESS = {"report.html", "fingerprint.pb", "saved_model.pb"}
# Of the fingerprint: TensorFlow leaves those numbers out of them.
_HASHES = ("graph_def_program_hash", "signature_def_hash", "saved_object_graph_hash")


def of_artifact(folder: str | os.PathLike) -> dict:
    """Returns what must be equal in artifacts of one request, whoever made them."""
    folder = pathlib.Path(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    files = {
        name: digest
        for name, digest in manifest["files"].items()
        if os.path.basename(name) not in _OF_THE_PROCESS
    }
    found = {name: manifest[name] for name in ("config", "seed", "details", "code")}
    if len(files) == len(manifest["files"]):
        found["digest"] = manifest["digest"]
    for path in folder.rglob("fingerprint.pb"):
        read = fingerprint_pb2.FingerprintDef.FromString(path.read_bytes())
        found["program"] = {name: getattr(read, name) for name in _HASHES}
    return found | {"files": files}
