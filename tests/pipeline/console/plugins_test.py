"""Modules that a user names, found from where the user stands."""

import os
import subprocess
import sys

import pytest

from ebm_tf import registry
from pipeline.console import plugins


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("BUILD_WORKING_DIRECTORY", str(tmp_path))
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


def test_names_and_files_are_looked_up_where_the_user_stands(here):
    (here / "by_name_xyz.py").write_text("X = 1\n")
    (here / "folder").mkdir()
    (here / "folder/by_path_xyz.py").write_text("Y = 2\n")
    plugins.load(["by_name_xyz", "folder/by_path_xyz.py"])
    assert sys.modules["by_name_xyz"].X == 1
    assert sys.modules["by_path_xyz"].Y == 2
    assert {"by_name_xyz", "by_path_xyz"} <= set(registry.imported_modules())


def test_a_module_may_import_tensorflow_without_its_notes(here):
    (here / "own_xyz.py").write_text(
        "import sys, tensorflow\nprint('mine', file=sys.stderr)\n"
    )
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "from pipeline.console import plugins; plugins.load(['own_xyz.py'])",
        ],
        stderr=subprocess.PIPE,
        text=True,
        check=True,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join(sys.path), "TF_CPP_MIN_LOG_LEVEL": "2"},
    )
    assert found.stderr == "mine\n"


def test_nothing_is_added_for_nobody(here):
    before = list(sys.path)
    plugins.load([])
    assert sys.path == before


def test_installed_packages_are_asked(here, monkeypatch):
    monkeypatch.setattr(registry, "import_entry_points", lambda: asked.append(1))
    asked = []
    plugins.load([])
    assert asked == [1]
