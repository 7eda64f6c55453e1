"""Tests of `pipeline.store.imports`."""

import pytest

from pipeline.store import imports


def test_finds_imports_wherever_they_stand():
    source = """
import os, keras.ops as ops
from ebm_tf import rng
from ebm_tf.box import Box

def main():
    from ebm_tf.energy import build
    subprocess.run(["python3", "-m", "pipeline.commands.train"])
    print("pipeline.nothing")
"""
    known = {
        "ebm_tf.rng",
        "ebm_tf.box",
        "ebm_tf.energy.build",
        "pipeline.commands.train",
    }
    assert imports.imported_names(source, known) == known | {"os", "keras.ops"}


def test_relative_imports_are_seen_from_their_package():
    source = "from . import box\nfrom ..data import files\nfrom .net import Net\n"
    known = {"a.b.box", "a.data.files", "a.b.net"}
    assert imports.imported_names(source, known, "a.b") == known


def test_refuses_relative_imports_without_a_package():
    with pytest.raises(imports.BuildError, match="line 2"):
        imports.imported_names("import os\nfrom . import box\n", set())


def test_names_of_modules():
    assert imports.module_name("ebm_tf/energy/__init__.py") == "ebm_tf.energy"
    assert imports.module_name("pipeline/stages/train.py") == "pipeline.stages.train"
    assert imports.split("ebm_tf/energy/build.py") == ("ebm_tf/energy", "build")
