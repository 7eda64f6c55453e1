"""Where what an artifact was made from is now: runs are copied, moved and renamed.

A place counts if what is there has the digest that was used. The place beside the
artifact comes first: a copy of a run is whole, or it is not.
"""

import os
import pathlib
from collections.abc import Iterator

from ebm_tf import checks, files, json_files

from . import manifests, parts

# Of a path that was recorded, so many last names are looked for in so many folders
# above an artifact.
_MAX_NAMES = 4
_MAX_ABOVE = 6


def of_artifact(folder: str, recorded: str, digest: str, part: str = "") -> str:
    """Returns the folder of an input, or where it was if it is nowhere.

    Args:
        folder: That of the artifact that was made from it, absolute.
        recorded: Where it was then.
        digest: Of the input.
        part: Pattern of the files that the digest is of; "" for the whole.
    """
    beside = os.path.join(os.path.dirname(folder), os.path.basename(recorded))
    found = [place for place in _candidates(folder, recorded) if place != folder]
    for place in found:
        if place == beside and _is_broken(place):
            return place  # the copy is not whole, wherever another one is
        if _digest(place, part) == digest:
            return place
    for place in (recorded, beside):  # another one has its place
        if place in found and _has_manifest(place):
            return place
    return recorded


def of_raw_file(folder: str, data_dir: str, name: str) -> str:
    """Returns the path of a raw file, or where it was if it is nowhere.

    Args:
        folder: That of the artifact that was made from it, absolute.
        data_dir: Where raw files were then.
        name: Of the file, without the folders that it was in below `data_dir`.
    """
    for place in (data_dir, *_candidates(folder, data_dir)):
        for above in ("", "*/", "*/*/"):
            for path in sorted(pathlib.Path(place).glob(f"{above}{_escaped(name)}")):
                if path.is_file():
                    return str(path)
    return os.path.join(data_dir, name)


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _candidates(folder: str, recorded: str) -> Iterator[str]:
    """Yields where something may be: beside, where it was, and in a tree like that."""
    above = [str(parent) for parent in pathlib.Path(folder).parents][:_MAX_ABOVE]
    names = [name for name in pathlib.Path(recorded).parts if name != os.sep]
    ends = [os.path.join(*names[-n:]) for n in range(1, _MAX_NAMES + 1) if names[-n:]]
    tree = [os.path.join(parent, end) for parent in above for end in ends]
    yield from dict.fromkeys((*tree[:1], recorded, *tree[1:]))


def _has_manifest(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, manifests.MANIFEST))


def _read(folder: str) -> dict | None:
    """Returns the manifest in a folder; None if it is none."""
    try:
        return json_files.read_json(os.path.join(folder, manifests.MANIFEST))
    except checks.InvalidValueError:
        return None


def _is_broken(folder: str) -> bool:
    """Returns whether a manifest is there, and is not as it was written."""
    if not _has_manifest(folder):
        return False
    manifest = _read(folder)
    return manifest is None or manifest.get("seal") != manifests.seal(manifest)


def _digest(folder: str, part: str) -> str | None:
    """Returns the digest of an artifact, or of a part of it, by its manifest; of a file
    its own."""
    if os.path.isfile(folder):
        return files.sha256(folder)
    manifest = _read(folder) if _has_manifest(folder) else None
    if manifest is None or not part:
        return manifest and manifest.get("digest")
    return parts.digest_of(folder, manifest, part)
