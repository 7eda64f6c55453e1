"""The layers of the code, and what stays free of TensorFlow.

Read from the files, except for one test that imports them in a new process.
"""

import ast
import pathlib
import subprocess
import sys

import pytest

from pipeline.store.imports import imported_names, module_name, package_name
from tools.build_tables import GROUND_LAYERS, LAYERS, LAZY
from tools.update_build import home

ROOT = pathlib.Path(__file__).absolute().parents[1]
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("ebm_tf", "pipeline")
    for path in (ROOT / folder).rglob("*.py")
)
MODULES = {module_name(path): path for path in FILES}
PUBLIC = [path for path in FILES if not pathlib.Path(path).name.startswith("_")]
HEAVY = ("tensorflow", "keras", "tensorflow_probability", "matplotlib", "kfp")


def _package(module: str) -> str:
    """Returns the package that the layers know a module by."""
    folder = MODULES[module].rpartition("/")[0]
    return home(folder).replace("/", ".")


def _rank(module: str) -> tuple[int, int]:
    """Returns the height of a module: its layer, and its place on the ground floor."""
    names = [name for packages in LAYERS.values() for name in packages]
    package = _package(module).replace(".", "/")
    assert package in names, f"{package} is in no layer of tools/build_tables.py"
    for height, packages in enumerate(LAYERS.values()):
        if package in packages and height:
            return height, 0
    if module == "ebm_tf":
        return -1, 0
    stem = module.removeprefix("ebm_tf.")
    ground = [names for names in GROUND_LAYERS if stem in names]
    assert ground, f"{module} is in no layer of tools/build_tables.py"
    return 0, GROUND_LAYERS.index(ground[0])


def _may_import(module: str, other: str) -> bool:
    """Returns whether the layers let `module` import `other`."""
    height, other_height = _rank(module), _rank(other)
    if other_height != height:
        return other_height < height
    return height[0] > 0 and _package(module) == _package(other)


def _imports(path: str) -> set[str]:
    if path in LAZY:
        return set()
    source, package = (ROOT / path).read_text(), package_name(path)
    names = imported_names(source, set(MODULES), package)
    return {name for name in names if name.partition(".")[0] in ("ebm_tf", "pipeline")}


def _tf_free() -> list[str]:
    """Returns the modules that must not bring TensorFlow in when imported."""
    names = ["ebm_tf.checks"]
    for name in MODULES:
        rooms = ("commands", "console", "settings", "store")
        listed = (
            "ebm_tf.energy.networks",
            "ebm_tf.metrics.features",
            "ebm_tf.metrics.measures",
            *(f"pipeline.{room}." for room in rooms),
        )
        is_study = name.startswith("ebm_tf.studies") and name.count(".") <= 2
        if name.endswith(".config") or name.startswith(listed) or is_study:
            names.append(name)
    return names


_PROBE = """
import importlib, sys
heavy, names = sys.argv[1].split(","), sys.argv[2].split(",")
for name in names:
    importlib.import_module(name)
    found = [other for other in heavy if other in sys.modules]
    if found:
        sys.exit(f"{name} imports {', '.join(found)}")
"""


def _import_all(names: list[str]) -> str:
    """Imports the modules in a new process; returns its complaint, or ""."""
    path = "import sys; sys.path[:0] = " + repr(sys.path) + "\n"
    process = subprocess.run(
        [sys.executable, "-c", path + _PROBE, ",".join(HEAVY), ",".join(names)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0 or process.stderr, process
    return process.stderr if process.returncode else ""


@pytest.mark.parametrize("path", FILES)
def test_imports_point_down(path):
    module = module_name(path)
    wrong = [name for name in sorted(_imports(path)) if not _may_import(module, name)]
    assert not wrong, f"{path} must not import {', '.join(wrong)}"


def test_rule_tells_right_from_wrong():
    assert _may_import("ebm_tf.rng", "ebm_tf.types")
    assert _may_import("ebm_tf.energy.build", "ebm_tf.energy.config")
    assert _may_import("ebm_tf.energy.build", "ebm_tf.box")
    assert not _may_import("ebm_tf.energy.config", "ebm_tf.sampling.config")
    assert _may_import("ebm_tf.training.config", "ebm_tf.sampling.langevin")
    assert not _may_import("ebm_tf.types", "ebm_tf.rng")
    assert not _may_import("ebm_tf.checks", "ebm_tf.types")
    assert not _may_import("ebm_tf.box", "ebm_tf.energy.config")
    assert not _may_import("ebm_tf.energy.build", "ebm_tf.sampling.langevin")
    assert not _may_import("ebm_tf.sampling.langevin", "ebm_tf.training.config")
    assert not _may_import("ebm_tf.training.config", "pipeline.settings.config")


def test_pipeline_imports_nothing_of_ours_but_the_library():
    for path in FILES:
        source = (ROOT / path).read_text()
        names = imported_names(source, set(), package_name(path))
        tops = {name.partition(".")[0] for name in names}
        wrong = tops & {"benchmarks", "examples", "tests", "tools"}
        assert not wrong, f"{path} must not import {', '.join(wrong)}"


def test_commands_and_configurations_import_no_tensorflow():
    assert _import_all(_tf_free()) == ""


def test_probe_sees_tensorflow():
    complaint = _import_all(["ebm_tf.checks", "ebm_tf.types"])
    assert complaint.splitlines()[-1].startswith("ebm_tf.types imports tensorflow")


@pytest.mark.parametrize("path", FILES)
def test_module_has_a_docstring(path):
    tree = ast.parse((ROOT / path).read_text())
    assert ast.get_docstring(tree), f"{path} has no docstring"
    kinds = (ast.FunctionDef, ast.ClassDef)
    public = [
        node
        for node in tree.body
        if isinstance(node, kinds) and not node.name.startswith("_")
    ]
    bare = [node.name for node in public if not ast.get_docstring(node)]
    assert not bare, f"{path}: no docstring in {', '.join(bare)}"


def _has_code(path: str) -> bool:
    tree = ast.parse((ROOT / path).read_text())
    return any(isinstance(node, ast.FunctionDef) for node in ast.walk(tree))


def _imported_by_tests() -> set[str]:
    names = set()
    for path in (ROOT / "tests").rglob("*_test.py"):
        names |= imported_names(path.read_text(), set(MODULES), "tests")
    return names


def test_every_module_has_a_test_of_its_own():
    """Commands and configurations may be tested by another file, which imports them."""
    elsewhere = {
        name
        for name in _imported_by_tests()
        if name in MODULES
        and (name.endswith(".config") or name.startswith("pipeline.commands."))
    }
    missing = [
        path
        for path in PUBLIC
        if _has_code(path) and module_name(path) not in elsewhere
        if not (ROOT / f"tests/{path.removesuffix('.py')}_test.py").exists()
    ]
    assert not missing, "no test for " + ", ".join(missing)
