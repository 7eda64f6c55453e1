"""Tests of `pipeline.imports`."""

import pytest

from pipeline import imports


def test_finds_imports_wherever_they_stand():
    source = """
import os, keras.ops as ops
from ebm_tf import rng
from ebm_tf.box import Box

def main():
    from ebm_tf.energy import build
    subprocess.run(["python3", "-m", "pipeline.train_main"])
    print("pipeline.nothing")
"""
    known = {
        "ebm_tf.rng",
        "ebm_tf.box",
        "ebm_tf.energy.build",
        "pipeline.train_main",
    }
    assert imports.imported_names(source, known) == known | {"os", "keras.ops"}


def test_refuses_relative_imports():
    with pytest.raises(imports.BuildError, match="line 2"):
        imports.imported_names("import os\nfrom . import box\n", set())


def test_names_of_modules():
    assert imports.module_name("ebm_tf/energy/__init__.py") == "ebm_tf.energy"
    assert imports.module_name("pipeline/train.py") == "pipeline.train"
    assert imports.split("ebm_tf/energy/build.py") == ("ebm_tf/energy", "build")
