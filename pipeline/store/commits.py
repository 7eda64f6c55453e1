"""Artifacts on their way to their name: what was made, its manifest, the rename."""

import dataclasses
import os
import pathlib
from collections.abc import Mapping

from ebm_tf import files, json_files

from . import manifests, unfinished

_REPLACED = ".replaced"


@dataclasses.dataclass
class Scratch(manifests.Facts):
    """An artifact that is being made, and what is noted of it.

    Attributes:
        folder: Where to write its files.
    """

    folder: str = dataclasses.field(kw_only=True)


def files_in(folder: str) -> dict[str, pathlib.Path]:
    """Returns the files in `folder` by relative path, but those of the store."""
    root = pathlib.Path(folder)
    names = manifests.MANIFEST, unfinished.REQUEST
    notes = {name + end for name in names for end in ("", ".new")}
    found = {
        entry.relative_to(root).as_posix(): entry
        for entry in sorted(root.rglob("*"))
        if entry.is_file()
    }
    return {name: entry for name, entry in found.items() if name not in notes}


def commit(
    scratch: Scratch,
    path: str,
    request: dict,
    inputs: Mapping,
    begun: unfinished.Begun,
) -> None:
    """Gives an artifact its manifest and its name, in place of what was there.

    Args:
        scratch: What was made.
        path: Where it belongs.
        request: What was asked for.
        inputs: What it was made from, by name; each has a `place`.
        begun: When the work began, by what code, and what it took.
    """
    digests = {n: files.sha256(f) for n, f in files_in(scratch.folder).items()}
    manifest = manifests.complete(
        request,
        {name: value.place for name, value in inputs.items()},
        scratch,
        digests,
        begun.code,
        begun.started,
        begun.meter.spent(),
    )
    note = os.path.join(scratch.folder, manifests.MANIFEST)
    files.write_text(note, json_files.dump_json(manifest))
    old = os.path.normpath(path) + _REPLACED
    if files.is_taken(path):
        if files.is_taken(old):
            files.remove(old)
        os.rename(path, old)
    files.commit(scratch.folder, path)
    if files.is_taken(old):
        files.remove(old)
