"""All Python of the documentation runs, page by page, as a reader would run it."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
from typing import NamedTuple

import pytest

ROOT = pathlib.Path(__file__).absolute().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# Page, and why a block of it is not run: there is nothing here to run it on.
NOT_RUN = [("docs/guide/cluster.md", "needs a Kubeflow server")]
# What a page takes for granted.
GIVEN = {
    "README.md": """
import keras
from sklearn import datasets

x = datasets.load_digits().images[:200, ..., None].astype("float32") / 16
net = keras.Sequential(
    [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(1)]
)
"""
}
# The run that pages call runs/mnist; on digits, as those need no file.
RUN_FLAGS = (
    "--dataset=digits",
    "--force",
    "--set=train.num_updates=4",
    "--set=train.preview_steps=2",
    "--set=train.batch_size=8",
    "--set=train.objective.langevin.num_steps=2",
    "--set=train.objective.replay.capacity=16",
    "--set=sample.num_samples=8",
    "--set=sample.batch_size=8",
    "--set=sample.sampler.num_steps=20",
    '--set=evaluate.tasks=["energies"]',
    "--set=evaluate.num_images=40",
)
_OPENS, _CLOSES = "```python\n", "```\n"
_NOT_RUN = re.compile(r"^<!-- not run: (.+) -->$")
_FILE = re.compile(r"`(\w+\.py)`")


class Block(NamedTuple):
    """A block of Python in a page.

    Attributes:
        text: What it says.
        file: Name of the file that a reader saves it in, or "".
        reason: Why it is not run, or "".
    """

    text: str
    file: str
    reason: str


def _blocks(page: str) -> list[Block]:
    """Returns the blocks of Python in a page's text.

    A block is a file if the paragraph before it names one and ends with a colon.
    """
    found, (before, *rest) = [], page.split(_OPENS)
    for part in rest:
        text, closes, after = part.partition(_CLOSES)
        assert closes, text
        paragraph = before.rstrip("\n").rsplit("\n\n", 1)[-1]
        reason = _NOT_RUN.match(paragraph.rsplit("\n", 1)[-1])
        names = _FILE.findall(paragraph) if paragraph.endswith(":") else []
        found.append(
            Block(text, names[-1] if names else "", reason[1] if reason else "")
        )
        before = after
    return found


def _name(page: pathlib.Path) -> str:
    return page.relative_to(ROOT).as_posix()


BLOCKS = {_name(page): _blocks(page.read_text()) for page in PAGES}
RUN = [name for name, found in BLOCKS.items() if any(not b.reason for b in found)]


def _python(script: str, folder: pathlib.Path, *words: str) -> str:
    """Runs Python in a process of its own, in a folder; returns its stdout."""
    (folder / "page.py").write_text(script)
    process = subprocess.run(
        [sys.executable, "page.py", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert process.returncode == 0, process.stderr[-3000:]
    return process.stdout


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A folder with the folder `runs` that pages read."""
    folder = tmp_path_factory.mktemp("given")
    script = "from pipeline.commands import all\n\nall.main()\n"
    _python(script, folder, *RUN_FLAGS, "--out=runs/mnist")
    return folder / "runs"


@pytest.mark.parametrize("name", RUN)
def test_the_python_of_a_page_runs(name, runs, tmp_path):
    shutil.copytree(runs, tmp_path / "runs")
    (tmp_path / "pipeline").symlink_to(ROOT / "pipeline")  # which a page counts
    script = [GIVEN.get(name, "")]
    for block in BLOCKS[name]:
        if block.file and not block.reason:
            (tmp_path / block.file).write_text(block.text)
            script.append(f"import {block.file.removesuffix('.py')}\n")
        elif not block.reason:
            script.append(block.text)
    _python("\n".join(script), tmp_path)


def test_all_blocks_run_but_these():
    found = [(name, b.reason) for name in BLOCKS for b in BLOCKS[name] if b.reason]
    assert found == NOT_RUN


def test_no_page_has_python_that_is_not_found():
    for page in PAGES:
        fences = re.findall(r"^ *```+ *py\w*", page.read_text(), re.MULTILINE)
        assert len(fences) == len(BLOCKS[_name(page)]), page
    assert {"README.md", "docs/guide/your_own_objective.md"} <= set(RUN)


def test_files_and_reasons_are_read_from_the_text_before_a_block():
    page = (
        "One:\n\n```python\na = 1\n```\n\nSave it as `two.py`,\nand `x.py` as\n"
        "`three.py`:\n\n```python\nb = 2\n```\n\nNot a file, `four.py`.\n\n"
        "```python\nc = 3\n```\n\n<!-- not run: no moon -->\n```python\nd = 4\n```\n"
    )
    assert _blocks(page) == [
        Block("a = 1\n", "", ""),
        Block("b = 2\n", "three.py", ""),
        Block("c = 3\n", "", ""),
        Block("d = 4\n", "", "no moon"),
    ]


def test_a_page_whose_python_fails_is_found(tmp_path):
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        _python("1 / 0\n", tmp_path)
