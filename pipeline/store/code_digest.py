"""Which code made an artifact: a digest of all that its stage imports.

Comments, docstrings and layout do not count, so that a mended sentence makes nobody
train anew. Another version of Python may read the same text otherwise, and then gives
another digest. The names of our modules are those of the repository, wherever the
pipeline is installed.
"""

import ast
import functools
import hashlib
import pathlib

import ebm_tf

from .imports import imported_names

_LIBRARY = pathlib.Path(ebm_tf.__file__).parent
_PIPELINE = pathlib.Path(__file__).parents[1]
# Kind of artifact -> the module of `pipeline.stages` that makes it, where it has
# another name.
_STAGE_OF = {
    "classifier": "evaluate.classifier",
    "evaluation": "evaluate.evaluate",
    "examples": "ingest",
    "likelihood": "evaluate.likelihood",
    "model": "train",
    "samples": "sample.sample",
    "update": "export_update",
}
# File of a module -> the folder beside it of files that it reads.
_DATA = {"stages/evaluate/report.py": "templates"}


def digest(kind: str) -> str:
    """Returns the digest of the code that makes artifacts of a kind, in hex.

    Args:
        kind: Such as "model". Of a kind that no stage makes it covers all code.
    """
    return _digest(f"pipeline.stages.{_STAGE_OF.get(kind, kind)}")


@functools.cache
def _digest(module: str) -> str:
    files = _files()
    found = hashlib.sha256()
    for name in sorted(closure(module, files) if module in files else files):
        found.update(name.encode() + b"\0" + _content(files[name]))
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
    seen, todo = set(), [module]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            is_package = files[name].name == "__init__.py"
            package = name if is_package else name.rpartition(".")[0]
            found = imported_names(files[name].read_text(), set(files), package)
            todo += found & set(files)
    return seen


def _files() -> dict[str, pathlib.Path]:
    found = {}
    for root, top in ((_LIBRARY, "ebm_tf"), (_PIPELINE, "pipeline")):
        for path in root.rglob("*.py"):
            parts = [top, *path.relative_to(root).with_suffix("").parts]
            if parts[:2] != ["ebm_tf", "pipeline"]:  # installed there, named below
                found[".".join(p for p in parts if p != "__init__")] = path
    return found


def _content(path: pathlib.Path) -> bytes:
    """Returns what Python makes of a source, without docstrings."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(
            node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        ) and ast.get_docstring(node, clean=False):
            node.body = node.body[1:]
    return ast.dump(tree).encode()
