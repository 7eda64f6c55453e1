"""Runs the notebooks of docs/notebooks, and keeps in them what their cells show.

    ./bazelw run //tools:run_notebooks                      all of them: some minutes
    ./bazelw run //tools:run_notebooks -- --only=digits_in_five_minutes

The values in a cell tagged `parameters` decide how long a notebook takes. For a short
run, as tests do it, those in the `short` of the cell's metadata take their place.
"""

import argparse
import os
import pathlib
import re
import resource
import sys
import tempfile
from collections.abc import Sequence

import nbclient
import nbformat
from jupyter_core.utils import run_sync
from nbformat import NotebookNode

FOLDER = pathlib.Path("docs/notebooks")
# TensorFlow prints hints among what a notebook prints.
_HINT = re.compile(r"^WARNING:tensorflow:.*\n", re.MULTILINE)


def parameters(notebook: NotebookNode) -> NotebookNode:
    """Returns the one cell whose values decide how long it takes.

    Raises:
        ValueError: If there is none, or several.
    """
    [cell] = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    return cell


def shortened(notebook: NotebookNode) -> NotebookNode:
    """Returns a copy with the values of a short run."""
    copy = nbformat.from_dict(notebook)
    cell = parameters(copy)
    cell.source += f"\n{cell.metadata.short}"
    return copy


def execute(notebooks: Sequence[NotebookNode], folder: str) -> None:
    """Runs notebooks one after the other in one kernel, each from an empty namespace.

    Args:
        notebooks: Their outputs become those of this run.
        folder: Where the kernel stands.

    Raises:
        nbclient.exceptions.CellExecutionError: If a cell raises.
    """
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    os.environ["IPYTHONDIR"] = os.path.join(folder, ".ipython")
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
    manager = None
    try:
        for notebook in notebooks:
            clear = nbformat.v4.new_code_cell("%reset -f")
            clear.pop("id", None)
            notebook.cells.insert(0, clear)
            client = nbclient.NotebookClient(
                notebook,
                timeout=None,
                kernel_name="python3",
                record_timing=False,
                resources={"metadata": {"path": folder}},
                km=manager,
            )
            manager = client.km or client.create_kernel_manager()
            client.execute(cleanup_kc=False)
            notebook.cells.pop(0)
    finally:
        if manager is not None and manager.has_kernel:
            run_sync(manager.shutdown_kernel)(now=True)


def keep(notebook: NotebookNode) -> None:
    """Leaves of a run what readers need, no progress bars nor TensorFlow's hints."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    facts = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook.metadata = nbformat.from_dict(facts)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code, start=1):
        cell.execution_count = count
        cell.metadata.pop("execution", None)
        streams = [o for o in cell.outputs if o.output_type == "stream"]
        text = "".join(o.text for o in streams if o.name == "stdout")
        text = _HINT.sub("", text)
        cell.outputs = [o for o in cell.outputs if o.output_type != "stream"]
        if text:
            stream = nbformat.v4.new_output("stream", name="stdout", text=text)
            cell.outputs.insert(0, stream)
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
            if "image/png" in output.get("data", {}):
                output.data.pop("text/plain", None)


def _cpu_seconds() -> float:
    """Returns what the kernels that have ended took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Runs those that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="name of one, without .ipynb")
    only = parser.parse_args().only
    here = pathlib.Path(__file__).parents[1]
    root = pathlib.Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", here))
    for path in sorted((root / FOLDER).glob(f"{only or '*'}.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        begun = _cpu_seconds()
        with tempfile.TemporaryDirectory() as folder:
            execute([notebook], folder)
        spent = _cpu_seconds() - begun
        keep(notebook)
        nbformat.write(notebook, path)
        print(f"{path.name}: {spent:.0f} CPU-seconds, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
