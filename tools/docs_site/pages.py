"""The menu of the docs site, and the pages of its API reference.

The menu is what docs/README.md lists. A page of the API is one package of the library:
what the docstrings of its modules say.
"""

import pathlib
import re

_PART = re.compile(r"^## ([^:\n]+)", re.MULTILINE)
_ROW = re.compile(r"^\| \[([^]]+)\]\(([^)#]+)\)", re.MULTILINE)


def menu(index: str) -> list[dict]:
    """Returns the parts of the menu, each a title with the pages in it.

    Args:
        index: Text of docs/README.md: a heading for each part, a table row that begins
            with a link for each page.
    """
    _, *parts = _PART.split(index)
    found = []
    for title, text in zip(parts[::2], parts[1::2]):
        pages = [{name: page_of(path)} for name, path in _ROW.findall(text)]
        found.append({title: pages})
    return found


def page_of(path: str) -> str:
    """Returns the page that shows what a link of docs/ leads to."""
    return path.removesuffix(".ipynb") + ".md" if path.endswith(".ipynb") else path


def packages(root: pathlib.Path) -> dict[str, list[str]]:
    """Returns the packages of the library: name -> its public modules, sorted.

    Args:
        root: Folder with the folder `ebm_tf`.
    """
    found: dict[str, list[str]] = {"ebm_tf": []}
    for path in sorted((root / "ebm_tf").rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:2]) if len(parts) > 2 else "ebm_tf"
        if parts[-1] != "__init__":
            found.setdefault(name, []).append(".".join(parts))
        elif len(parts) > 3:  # a package in a package is part of its page
            found.setdefault(name, []).append(".".join(parts[:-1]))
    return {name: sorted(modules) for name, modules in sorted(found.items())}


def api_pages(root: pathlib.Path) -> dict[str, str]:
    """Returns the pages of the API reference: path of the page -> its text."""
    pages = {}
    for name, modules in packages(root).items():
        text = f"# {name}\n\n" + _entry(
            name, "{members: false, show_root_heading: false}"
        )
        text += "".join(_entry(module) for module in modules)
        pages[f"api/{name.removeprefix('ebm_tf.')}.md"] = text
    return pages


def _entry(name: str, options: str = "{}") -> str:
    return f"::: {name}\n    options: {options}\n\n"
