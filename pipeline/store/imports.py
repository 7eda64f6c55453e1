"""What a Python file imports, read without running it."""

import ast
from collections.abc import Set


class BuildError(Exception):
    """The tree holds something that has no target; the text is one line."""


def imported_names(source: str, known: set[str], package: str = "") -> set[str]:
    """Returns the dotted names that a file imports, modules or packages.

    A string counts that is the dotted name of a module of ours.

    Args:
        source: The text of the file.
        known: The set of the dotted names of our own modules.
        package: Dotted name of the package that the file is in, for its relative
            imports.

    Raises:
        BuildError: If a relative import leads out of all packages.
    """
    return names_in(ast.parse(source), known, package)


def names_in(tree: ast.Module, known: Set[str], package: str) -> set[str]:
    """As `imported_names`, of a source that was parsed."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = _absolute(node, package)
            for alias in node.names:
                name = f"{module}.{alias.name}"
                names.add(name if name in known else module)
        elif isinstance(node, ast.Constant) and "." in str(node.value):
            names |= {node.value} & known
    return names


def _absolute(node: ast.ImportFrom, package: str) -> str:
    """Returns the dotted name of what `from ... import` names."""
    if not node.level:
        return node.module
    parts = package.split(".") if package else []
    if node.level > len(parts):
        raise BuildError(f"line {node.lineno} has a relative import without a package")
    parts = parts[: len(parts) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])


def split(path: str) -> tuple[str, str]:
    """Returns the folder of the file `path` and its name without `.py`."""
    folder, _, name = path.rpartition("/")
    return folder, name.removesuffix(".py")


def module_name(path: str) -> str:
    """Returns the dotted name of the module in the file `path`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def package_name(path: str) -> str:
    """Returns the dotted name of the package that the file `path` is in."""
    return path.rpartition("/")[0].replace("/", ".")
