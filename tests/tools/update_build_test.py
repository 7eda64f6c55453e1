"""Tests of `tools.update_build` on small trees."""

import pytest

from tools import update_build


@pytest.fixture
def tree(tmp_path):
    """Returns a function that writes files and gives the BUILD files they need."""

    def write(**files):
        for folder in update_build.FOLDERS:
            (tmp_path / folder).mkdir(exist_ok=True)
        for name, text in files.items():
            path = tmp_path / (name.replace("__in__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return update_build.Tree(tmp_path).build_files()

    return write


def test_a_folder_is_one_library_and_a_command_a_binary_of_the_pipeline(tree):
    files = tree(
        pipeline__in____init__="",
        pipeline__in__stages__in____init__="",
        pipeline__in__stages__in__train="import os\n",
        pipeline__in__commands__in____init__="",
        pipeline__in__commands__in__flags="import numpy\n",
        pipeline__in__commands__in__train=(
            "from ..stages import train\nfrom . import flags\nmain = print\n"
        ),
    )
    assert """
py_library(
    name = "commands",
    srcs = [
        "__init__.py",
        "flags.py",
        "train.py",
    ],
    deps = [
        "//pipeline",
        "//pipeline/stages",
        "@pypi//numpy",
    ],
)
""" in files["pipeline/commands/BUILD"]
    assert 'command(\n    name = "train",\n)\n' in files["pipeline/BUILD"]


def test_one_target_for_a_folder_of_tests(tree):
    files = tree(
        ebm_tf__in__box="import tensorflow as tf\n",
        tests__in__ebm_tf__in__box_test="import pytest\nfrom ebm_tf import box\n",
        tests__in__ebm_tf__in__rng_test="import numpy as np\n",
        tests__in__conftest="import os\n",
    )
    assert """
pytest_test(
    name = "ebm_tf_test",
    size = "large",
    srcs = [
        "box_test.py",
        "rng_test.py",
    ],
    deps = [
        "//ebm_tf",
        "//tests",
        "@pypi//numpy",
    ],
)
""" in files["tests/ebm_tf/BUILD"]
    assert "pytest_test" not in files["tests/BUILD"]


def test_what_a_package_imports_without_saying_so_is_added(tree):
    text = tree(ebm_tf__in__box="import tensorflow_probability as tfp\n")
    for label in ("//:tensorflow", "@pypi//tensorflow_probability", "@pypi//tf_keras"):
        assert f'"{label}"' in text["ebm_tf/BUILD"]


def test_unknown_import_is_named(tree):
    with pytest.raises(update_build.BuildError, match=r"ebm_tf/box.py .*`nowhere`"):
        tree(ebm_tf__in__box="import nowhere\n")


def test_stale_files_are_those_that_differ(tree, tmp_path):
    files = tree(ebm_tf__in__box="import os\n")
    for path, text in files.items():
        (tmp_path / path).write_text(text)
    assert update_build.stale_files(tmp_path) == {}
    (tmp_path / "ebm_tf/box.py").write_text("import numpy\n")
    assert list(update_build.stale_files(tmp_path)) == ["ebm_tf/BUILD"]
