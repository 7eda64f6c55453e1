"""Where an artifact comes from: what it was made from, down to the raw files."""

import dataclasses
import os
from collections.abc import Iterator

from ebm_tf import checks, files, json_files

from . import artifacts, manifests, migration, parts

# What a stage makes for itself stands in its details, under the name of its kind.
_OWN = {"evaluation": ("classifier", "likelihood")}


class Changed(Exception):
    """Something is not what its digest says; the text is one line."""

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
        problems: What `check` found.
    """

    name: str
    path: str
    manifest: dict | None
    digest: str
    parents: list["Node"]
    part: str = ""
    problems: list[str] = dataclasses.field(default_factory=list)

    @property
    def found(self) -> str | None:
        """The digest of what is there now, by its manifest."""
        if self.part:
            return parts.digest_of(self.path, self.manifest, self.part)
        return self.manifest.get("digest")


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
    manifest = json_files.read_json(os.path.join(folder, artifacts.MANIFEST))
    return _node(manifest.get("kind", "?"), folder, "")


def _node(name: str, path: str, digest: str, part: str = "") -> Node:
    note = os.path.join(path, artifacts.MANIFEST)
    if not os.path.exists(note):
        return Node(name, path, None, digest, [], part)
    manifest = json_files.read_json(note)
    return Node(name, path, manifest, digest, list(_parents(path, manifest)), part)


def _parents(path: str, manifest: dict) -> Iterator[Node]:
    beside = os.path.dirname(path)
    for name, made_from in manifest.get("inputs", {}).items():
        place = made_from["path"]
        if not os.path.exists(place):  # the run folder was moved as a whole
            place = os.path.join(beside, os.path.basename(place))
        yield _node(name, place, made_from["digest"], made_from.get("files", ""))
    for name in _OWN.get(manifest.get("kind"), ()):
        digest = manifest["details"].get(name)
        if digest is not None:
            yield _node(name, os.path.join(beside, name), digest)
    notes = manifest.get("notes", {})
    evaluated = notes.get("evaluation")
    if evaluated:  # not an input: another one that lets the model pass may follow it
        found = _node("evaluation", evaluated["path"], evaluated["digest"])
        if found.manifest and found.manifest.get("digest") == found.digest:
            yield found
    for name, digest in notes.get("checksums", {}).items():
        yield Node(
            name, os.path.join(notes.get("data_dir") or "", name), None, digest, []
        )


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
    if manifest is None:
        return f"{node.name}  not there: {node.path}  {node.digest[:12]}"
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
