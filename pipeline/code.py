"""Which code made an artifact: a digest of all that its stage imports.

Comments, docstrings and layout do not count, so that a mended sentence makes nobody
train anew. Another version of Python may read the same text otherwise, and then gives
another digest.
"""

import ast
import functools
import hashlib
import pathlib

from pipeline.imports import imported_names, module_name

_ROOT = pathlib.Path(__file__).parent.parent
_PACKAGES = ("ebm_tf", "pipeline")
# Of other kinds of artifacts the stage has the name of the kind.
_STAGE_OF = {
    "evaluation": "evaluate",
    "examples": "ingest",
    "model": "train",
    "samples": "sample",
}
# Module of `pipeline` -> the folder of files that it reads.
_DATA = {"report": "templates"}


def digest(kind: str) -> str:
    """Returns the digest of the code that makes artifacts of a kind, in hex.

    Args:
        kind: Such as "model". Of a kind that no stage makes it covers all code.
    """
    return _digest(f"pipeline.{_STAGE_OF.get(kind, kind)}")


@functools.cache
def _digest(module: str) -> str:
    files = _files()
    found = hashlib.sha256()
    for name in sorted(closure(module, files) if module in files else files):
        found.update(name.encode() + b"\0" + _content(files[name]))
        package, _, stem = name.rpartition(".")
        if package == "pipeline" and stem in _DATA:
            for path in sorted((_ROOT / package / _DATA[stem]).iterdir()):
                found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def closure(module: str, files: dict[str, pathlib.Path]) -> set[str]:
    """Returns the names of a module and of all that it imports, in any depth.

    Args:
        module: Dotted name.
        files: Our own modules: dotted name -> file.
    """
    seen, todo = set(), [module]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += imported_names(files[name].read_text(), set(files)) & set(files)
    return seen


def _files() -> dict[str, pathlib.Path]:
    return {
        module_name(path.relative_to(_ROOT).as_posix()): path
        for package in _PACKAGES
        for path in (_ROOT / package).rglob("*.py")
    }


def _content(path: pathlib.Path) -> bytes:
    """Returns what Python makes of a source, without docstrings."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(
            node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        ) and ast.get_docstring(node, clean=False):
            node.body = node.body[1:]
    return ast.dump(tree).encode()
