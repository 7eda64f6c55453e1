"""Which code made an artifact: what its stage imports, and what its settings choose.

A stage imports no network, objective, sampler or data set by name: the settings choose
them. So the digest of a stage covers what its module imports, in any depth, and the
same of the modules of the choices; a file that is added changes no digest.

Comments, docstrings and layout do not count, so that a mended sentence makes nobody
train anew. Another version of Python may read the same text otherwise, and then gives
another digest. The names of our modules are those of the repository, wherever the
pipeline is installed.
"""

import ast
import functools
import hashlib
import pathlib
from collections.abc import Mapping
from typing import NamedTuple

from ebm_tf import files as library_files
from ebm_tf import registry
from ebm_tf.studies import StudyConfig

from .imports import names_in

_LIBRARY = pathlib.Path(registry.__file__).parent
_PIPELINE = pathlib.Path(__file__).parents[1]
_STAGES = "pipeline.stages."
# Kind of artifact -> the module of `pipeline.stages` that makes it, where it has
# another name.
_STAGE_OF = {
    "baselines": "evaluate.baselines",
    "classifier": "evaluate.classifier",
    "evaluation": "evaluate.evaluate",
    "examples": "ingest",
    "level_likelihood": "evaluate.level_likelihood",
    "features": "evaluate.features",
    "likelihood": "evaluate.likelihood",
    "model": "train",
    "samples": "sample.sample",
    "update": "export_update",
}
# File of a module -> the folder beside it of files that it reads.
_DATA = {"stages/evaluate/report.py": "templates"}


def digest(kind: str, modules: Mapping[str, str | None]) -> str:
    """Returns the digest of the code that makes artifacts of a kind, in hex.

    Args:
        kind: Such as "model". Of a kind that no stage makes it covers all code.
        modules: Dotted names of the modules of the choices in its settings, each
            with the sha256 of its file if it is a user's, which counts alone.
    """
    own = frozenset(name for name, of_user in modules.items() if of_user is None)
    users = {name: of_user for name, of_user in modules.items() if of_user is not None}
    found = hashlib.sha256(_digest(_STAGES + _stage_of(kind), own).encode())
    for name in sorted(users):
        found.update(f"{name} {users[name]}".encode() + b"\0")
    return found.hexdigest()


def _stage_of(kind: str) -> str:
    """Returns the module of `pipeline.stages` that makes artifacts of a kind."""
    return "study" if kind in StudyConfig.kinds() else _STAGE_OF.get(kind, kind)


@functools.cache
def _digest(stage: str, choices: frozenset[str]) -> str:
    files = _files()
    covered, ours = set(files), frozenset(files)
    known = choices & ours  # others are made in no file, as in a notebook
    if stage in files:
        covered = set().union(*(closure(name, files) for name in {stage} | known))
    found = hashlib.sha256()
    for name in sorted(covered):
        found.update(name.encode() + b"\0" + _module(name, files, ours).content)
        for path in _data(files[name]):
            found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def _data(file: pathlib.Path) -> list[pathlib.Path]:
    """Returns the files that a module reads, sorted."""
    folders = [
        file.parent / folder
        for name, folder in _DATA.items()
        if file == _PIPELINE / name
    ]
    return [path for folder in folders for path in sorted(folder.iterdir())]


def closure(module: str, files: dict[str, pathlib.Path]) -> set[str]:
    """Returns the names of a module and of all that it imports, in any depth.

    Args:
        module: Dotted name.
        files: Our own modules: dotted name -> file.
    """
    # The front door names everything there is, and stages do not enter by it.
    seen, todo, ours = {"ebm_tf"}, [module], frozenset(files)
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += _module(name, files, ours).imports
    return seen - {"ebm_tf"}


class _Module(NamedTuple):
    """What is to be known of a source.

    Attributes:
        imports: Names of our own modules that it imports.
        content: The sha256 of what Python makes of it.
    """

    imports: frozenset[str]
    content: bytes


def _module(name: str, files: dict[str, pathlib.Path], ours: frozenset[str]) -> _Module:
    path = files[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    return _read(path, library_files.state(path), package, ours)


@functools.cache
def _read(path, state, package: str, ours: frozenset[str]) -> _Module:
    """Reads a source once, unless it changes: several stages import one module."""
    del state  # is there for the cache
    tree = ast.parse(path.read_text())
    imports = frozenset(names_in(tree, ours, package) & ours)
    return _Module(imports, hashlib.sha256(_content(tree)).digest())


def _files() -> dict[str, pathlib.Path]:
    found = {}
    for root, top in ((_LIBRARY, "ebm_tf"), (_PIPELINE, "pipeline")):
        for path in root.rglob("*.py"):
            parts = [top, *path.relative_to(root).with_suffix("").parts]
            if parts[:2] != ["ebm_tf", "pipeline"]:  # installed there, named below
                found[".".join(p for p in parts if p != "__init__")] = path
    return found


def _content(tree: ast.Module) -> bytes:
    """Returns what Python makes of a source, without docstrings, which go."""
    for node in ast.walk(tree):
        if isinstance(
            node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        ) and ast.get_docstring(node, clean=False):
            node.body = node.body[1:]
    return ast.dump(tree).encode()
