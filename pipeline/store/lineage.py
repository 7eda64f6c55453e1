"""Where an artifact comes from: what it was made from, down to the raw files.

Where each input is now, `places` finds.
"""

import dataclasses
import os
import re
from collections.abc import Iterator

from ebm_tf import checks, files

from . import artifacts, commits, manifest_files, manifests, migration, parts, places

# What a stage makes for itself stands in its details, under the name of its folder.
_OWN = {
    "evaluation": re.compile("baselines|classifier|features_.*|(level_)?likelihood")
}


class Changed(Exception):
    """Something is not what its digest says, or not there; the text is one line."""

    exit_code = 1


@dataclasses.dataclass
class Node:
    """An artifact or a raw file, and what it was made from.

    Attributes:
        name: What it is to the one above: "model", "examples", a file's name.
        path: Where it is, or was.
        manifest: What its `manifest.json` holds; None of a raw file, and of what is
            not there any more.
        digest: What the one above says it was; "" of the root.
        part: Pattern of the files that the digest is of; "" for the whole.
        parents: What it was made from.
        must_be_there: False of what no artifact is made from.
        problems: What `check` found.
    """

    name: str
    path: str
    manifest: dict | None
    digest: str
    parents: list["Node"]
    part: str = ""
    must_be_there: bool = True
    problems: list[str] = dataclasses.field(default_factory=list)

    @property
    def is_missing(self) -> bool:
        """Whether it must be there and is not."""
        gone = self.manifest is None and not os.path.isfile(self.path)
        return gone and self.must_be_there

    @property
    def found(self) -> str | None:
        """The digest of what is there now, by its manifest."""
        if self.part:
            return parts.digest_of(self.path, self.manifest, self.part)
        return self.manifest.get("digest")


def finish(path: str) -> None:
    """Gives an artifact its name that a kill left without one.

    Args:
        path: Of the artifact, or of a file in it; need not be there.
    """
    place = os.path.abspath(path)
    while not os.path.lexists(place):
        commits.settle(place)
        place = os.path.dirname(place)


def trace(path: str) -> Node:
    """Returns the tree of the artifact at `path`, or of the one that holds that file.

    Raises:
        FileNotFoundError: If there is no artifact.
    """
    folder = os.path.abspath(path)
    while not os.path.exists(os.path.join(folder, artifacts.MANIFEST)):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            raise checks.MissingFileError(f"no artifact is or holds {path}")
    return _node(manifest_files.read(folder)["kind"], folder, "", ())


def _node(name: str, path: str, digest: str, below: tuple, part: str = "") -> Node:
    commits.settle(path)
    if not os.path.exists(os.path.join(path, artifacts.MANIFEST)):
        return Node(name, path, None, digest, [], part)
    real = os.path.realpath(path)
    if real in below:
        circle = " -> ".join([*below[below.index(real) :], real])
        raise checks.InvalidValueError(f"{path} says it was made from itself: {circle}")
    manifest = manifest_files.read(path)
    parents = list(_parents(path, manifest, (*below, real)))
    return Node(name, path, manifest, digest, parents, part)


def _parents(path: str, manifest: dict, below: tuple) -> Iterator[Node]:
    for name, made_from in manifest.get("inputs", {}).items():
        digest, part = made_from["digest"], made_from.get("files", "")
        place = places.of_artifact(path, made_from["path"], digest, part)
        yield _node(name, place, digest, below, part)
    own = _OWN.get(manifest.get("kind"))
    for name, digest in sorted(manifest.get("details", {}).items()) if own else ():
        if own.fullmatch(name) and isinstance(digest, str):
            beside = os.path.join(os.path.dirname(path), name)
            place = places.of_artifact(path, beside, digest)
            yield _node(name, place, digest, below)
    notes = manifest.get("notes", {})
    if notes.get("evaluation"):
        yield _evaluation(path, notes["evaluation"], below)
    for name, digest in (notes.get("checksums") or {}).items():
        folder = notes.get("data_dir")
        place = places.of_raw_file(path, folder, name) if folder else name
        must_be_there = bool(folder)  # else a package of Python's gave it
        yield Node(name, place, None, digest, [], must_be_there=must_be_there)


def _evaluation(path: str, passed: dict, below: tuple) -> Node:
    """Returns the evaluation that let an export pass, where it still is.

    It is no input: another one that lets the model pass may be in its place.
    """
    digest = passed["digest"]
    place = places.of_artifact(path, passed["path"], digest)
    found = _node("evaluation", place, digest, below)
    if found.manifest and found.manifest.get("digest") == digest:
        return found
    return Node("evaluation", passed["path"], None, digest, [], must_be_there=False)


def missing(node: Node) -> list[str]:
    """Returns what is not there of what the tree is made from, a line each."""
    lines = (
        f"{each.name} is not there: {each.path}"
        for each in _walk(node)
        if each.is_missing
    )
    return list(dict.fromkeys(lines))


def check(node: Node) -> list[str]:
    """Recomputes every digest in the tree, each once.

    Returns:
        What is wrong, a line each; noted in the nodes too.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for each in _walk(node):
        key = each.path, each.digest
        if key not in found:
            found[key] = list(_problems(each))
        each.problems = found[key]
    return list(dict.fromkeys(line for lines in found.values() for line in lines))


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for parent in node.parents:
        yield from _walk(parent)


def _problems(node: Node) -> Iterator[str]:
    manifest = node.manifest
    if manifest is None:
        yield from missing(node)
        there = os.path.isfile(node.path)
        if there and files.sha256(node.path) != node.digest:
            yield f"{node.path} was changed"
        return
    if manifest.get("seal") != manifests.seal(manifest):
        yield f"{node.path}/{artifacts.MANIFEST} was changed"
    elif manifest["digest"] != migration.digest_of(manifest):
        yield f"{node.path} has another digest than its manifest says"
    if node.digest not in ("", node.found):
        yield f"{node.path} is not the one that was used: it was made anew since"
    for name, digest in manifest.get("files", {}).items():
        path = os.path.join(node.path, name)
        if not os.path.isfile(path):
            yield f"{path} is missing"
        elif files.sha256(path) != digest:
            yield f"{path} was changed"


def lines(node: Node) -> Iterator[str]:
    """Yields the tree as text, a line for each artifact and each raw file.

    What was used twice is shown once with all it comes from.
    """
    yield from _lines(node, "", set())


def _lines(node: Node, indent: str, seen: set[str]) -> Iterator[str]:
    again = node.path in seen and bool(node.parents)
    seen.add(node.path)
    if again:
        digest = node.manifest.get("digest", "?")[:12]
        yield f"{indent}{node.name}  {node.path}  {digest}  (as above)"
        return
    yield indent + _line(node)
    for problem in node.problems:
        yield f"{indent}    ! {problem}"
    for parent in node.parents:
        yield from _lines(parent, indent + "    ", seen)


def _line(node: Node) -> str:
    manifest = node.manifest
    if manifest is None and os.path.isfile(node.path):
        return f"{node.name}  file {node.path}  {node.digest[:12]}"
    if node.is_missing:
        return f"{node.name}  not there: {node.path}  {node.digest[:12]}"
    if manifest is None:
        gone = node.name == "evaluation"
        told = f"another is there now: {node.path}" if gone else "no file"
        return f"{node.name}  {told}  {node.digest[:12]}"
    kind = manifest.get("kind", "?")
    name = kind if kind == node.name else f"{node.name} ({kind})"
    spent = manifest.get("spent") or {}
    words = [
        name,
        node.path,
        manifest.get("digest", "?")[:12],
        f"seed {manifest.get('seed')}",
        f"made {manifest.get('created', '?')[:16]}",
    ]
    if spent:
        words.append(f"in {spent['wall_s']:.0f} s")
    origin = manifest.get("notes", {}).get("origin")
    return "  ".join([*words, *([origin] if origin else [])])
