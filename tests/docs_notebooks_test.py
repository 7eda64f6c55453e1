"""The notebooks run from top to bottom, and what they keep is small and of one run."""

import ast
import pathlib

import nbformat
import pytest

from tools import run_notebooks

ROOT = pathlib.Path(__file__).absolute().parents[1]
PATHS = sorted((ROOT / run_notebooks.FOLDER).glob("*.ipynb"))
NAMES = [path.stem for path in PATHS]
MAX_BYTES = 150_000


def read(path):
    return nbformat.read(path, as_version=4)


def code_of(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def assigned(source):
    """Returns the names that a text of Python gives a value."""
    found = [each for each in ast.parse(source).body if isinstance(each, ast.Assign)]
    return {target.id for each in found for target in each.targets}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The notebooks after a short run, by name."""
    short = {path.stem: run_notebooks.shortened(read(path)) for path in PATHS}
    run_notebooks.execute(list(short.values()), str(tmp_path_factory.mktemp("run")))
    return short


def test_the_notebooks_are_there():
    assert {"energies_in_the_plane", "digits_in_five_minutes"} <= set(NAMES)
    assert len(NAMES) == 4


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_runs(run, name):
    """It shows in a short run what it keeps of a long one: text where text is."""
    kept = code_of(read(ROOT / run_notebooks.FOLDER / f"{name}.ipynb"))
    for old, new in zip(kept, code_of(run[name]), strict=True):
        assert new.execution_count is not None
        kinds = {kind for o in old.outputs for kind in o.get("data", [o.get("name")])}
        shown = {kind for o in new.outputs for kind in o.get("data", [o.get("name")])}
        assert kinds <= shown, old.source
    assert any(cell.outputs for cell in kept)


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_what_is_kept_is_small_and_of_one_run(path):
    text, notebook = path.read_text(), read(path)
    assert len(text) < MAX_BYTES
    counts = [cell.execution_count for cell in code_of(notebook)]
    assert counts == list(range(1, len(counts) + 1))
    outputs = [o for cell in code_of(notebook) for o in cell.outputs]
    assert {o.output_type for o in outputs} <= {
        *("stream", "display_data", "execute_result")
    }
    assert all(o.get("name") != "stderr" for o in outputs)
    assert "/tmp/" not in text and "/root/" not in text and "WARNING" not in text


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_a_short_run_changes_parameters_alone(path):
    cell = run_notebooks.parameters(read(path))
    assert assigned(cell.metadata.short) <= assigned(cell.source)


def test_an_error_in_a_cell_ends_the_run(tmp_path):
    cells = [nbformat.v4.new_code_cell(text) for text in ("a = 1", "a / 0")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    with pytest.raises(Exception, match="ZeroDivisionError"):
        run_notebooks.execute([notebook], str(tmp_path))


def test_a_namespace_begins_empty_and_hints_are_not_kept(tmp_path):
    first = nbformat.v4.new_code_cell("a = 1\nprint('WARNING:tensorflow:x\\nyes')")
    second = nbformat.v4.new_code_cell(
        "import sys\nsys.stderr.write('bar')\n'a' in dir()"
    )
    books = [nbformat.v4.new_notebook(cells=[cell]) for cell in (first, second)]
    run_notebooks.execute(books, str(tmp_path))
    for book in books:
        run_notebooks.keep(book)
    [said], [result] = (book.cells[0].outputs for book in books)
    assert said.text == "yes\n"
    assert result.data["text/plain"] == "False" and result.execution_count == 1
