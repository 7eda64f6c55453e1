"""What a Python file imports, read without running it."""

import ast


class BuildError(Exception):
    """The tree holds something that has no target; the text is one line."""


def imported_names(source: str, known: set[str]) -> set[str]:
    """Returns the dotted names that a file imports, modules or packages.

    A string counts that is the dotted name of a module of ours.

    Args:
        source: The text of the file.
        known: The set of the dotted names of our own modules.
    """
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise BuildError(f"line {node.lineno} has a relative import")
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                names.add(name if name in known else node.module)
        elif isinstance(node, ast.Constant) and "." in str(node.value):
            names |= {node.value} & known
    return names


def split(path: str) -> tuple[str, str]:
    """Returns the folder of the file `path` and its name without `.py`."""
    folder, _, name = path.rpartition("/")
    return folder, name.removesuffix(".py")


def module_name(path: str) -> str:
    """Returns the dotted name of the module in the file `path`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
