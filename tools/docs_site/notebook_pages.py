"""Pages of the docs site that show notebooks: their text, code, and kept outputs."""

import base64
import pathlib

import nbformat


def page(path: pathlib.Path) -> tuple[str, dict[str, bytes]]:
    """Returns a notebook as Markdown, and its pictures: name of the file -> PNG.

    Args:
        path: The `.ipynb` file. Names of pictures begin with its name.
    """
    notebook = nbformat.read(path, as_version=4)
    parts: list[str] = []
    pictures: dict[str, bytes] = {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        parts.append(f"```python\n{cell.source}\n```")
        for output in cell.outputs:
            png = output.get("data", {}).get("image/png")
            if png:
                name = f"{path.stem}_{len(pictures)}.png"
                pictures[name] = base64.b64decode(png)
                parts.append(f"![What the cell draws]({name})")
            elif _text(output):
                parts.append(f"```text\n{_text(output)}\n```")
    return "\n\n".join(parts) + "\n", pictures


def _text(output) -> str:
    return (output.get("text") or output.get("data", {}).get("text/plain", "")).rstrip()
