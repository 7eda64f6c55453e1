"""BUILD files say what the Python files import; labels and locks agree."""

import ast
import pathlib
import re
import tomllib

from tools import update_build

ROOT = pathlib.Path(__file__).absolute().parents[1]
BUILD_FILES = [ROOT / path for path in update_build.Tree(ROOT).build_files()]
LOCKS = ("requirements_lock.txt", "requirements_gpu_lock.txt")
DOCS_LOCK = "requirements_docs_lock.txt"


def _pins(name: str) -> dict[str, str]:
    """Returns package -> version, with names written as labels write them."""
    text = (ROOT / name).read_text()
    pins = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ]+)", text, re.MULTILINE)
    return {re.sub(r"[-.]+", "_", name.lower()): version for name, version in pins}


def _rules(build_file: pathlib.Path) -> list[ast.Call]:
    """Returns the calls in a BUILD file; its syntax is Python's as well."""
    body = ast.parse(build_file.read_text()).body
    return [node.value for node in body if isinstance(node.value, ast.Call)]


def _strings(node: ast.AST) -> list[str]:
    return [
        item.value
        for item in ast.walk(node)
        if isinstance(item, ast.Constant) and isinstance(item.value, str)
    ]


def _deps(call: ast.Call) -> list[str]:
    attributes = {keyword.arg: keyword.value for keyword in call.keywords}
    return _strings(attributes["deps"]) if "deps" in attributes else []


def test_build_files_are_up_to_date():
    stale = list(update_build.stale_files(ROOT))
    assert stale == [], "run `python3 -m tools.update_build`"


def test_every_python_file_is_in_a_target():
    for build_file in BUILD_FILES:
        named = {name for call in _rules(build_file) for name in _strings(call)}
        folder = build_file.parent
        there = {
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*.py")
            if update_build.home(path.parent.relative_to(ROOT).as_posix())
            == folder.relative_to(ROOT).as_posix()
        }
        assert there <= named, build_file


def test_no_binary_stands_where_a_package_would():
    """Bazel puts a binary beside sources, where it hides a folder of its name."""
    clashes = [
        f"{build_file.parent}/{keyword.value.value}"
        for build_file in BUILD_FILES
        for call in _rules(build_file)
        if getattr(call.func, "id", "").endswith("_binary") or call.func.id == "command"
        for keyword in call.keywords
        if keyword.arg == "name" and (build_file.parent / keyword.value.value).is_dir()
    ]
    assert clashes == []


def test_labels_lead_to_targets():
    targets = {"//:tensorflow"}
    for build_file in BUILD_FILES:
        folder = build_file.parent.relative_to(ROOT).as_posix()
        for call in _rules(build_file):
            names = [k.value.value for k in call.keywords if k.arg == "name"]
            targets |= {f"//{folder}:{name}" for name in names}
    for build_file in BUILD_FILES:
        folder = build_file.parent.relative_to(ROOT).as_posix()
        for call in _rules(build_file):
            for dep in _deps(call):
                label = f"//{folder}{dep}" if dep.startswith(":") else dep
                if ":" not in label:
                    label += f":{label.rpartition('/')[2]}"
                known = dep.startswith(("@pypi//", "@pypi_docs//"))
                assert known or label in targets, build_file


def _packages(hub: str) -> set[str]:
    """Returns the packages of one repository of packages that targets depend on."""
    return {
        dep.removeprefix(hub)
        for build_file in BUILD_FILES
        for call in _rules(build_file)
        for dep in _deps(call)
        if dep.startswith(hub)
    }


def test_packages_are_in_both_locks():
    named = _packages("@pypi//")
    assert {"keras", "numpy"} <= named
    for name in LOCKS:
        assert named <= set(_pins(name))


def test_packages_of_the_docs_are_in_their_lock_and_only_tools_and_tests_use_them():
    named, pins = _packages("@pypi_docs//"), _pins(DOCS_LOCK)
    assert {"mkdocs", "mkdocs_material"} <= named
    assert named <= set(pins)
    shared = _pins(LOCKS[0])
    assert {n: v for n, v in pins.items() if shared.get(n, v) != v} == {}
    for build_file in BUILD_FILES:
        users = [d for call in _rules(build_file) for d in _deps(call)]
        if any(dep.startswith("@pypi_docs//") for dep in users):
            folder = build_file.parent.relative_to(ROOT).as_posix()
            assert folder in ("tests", "tests/tools", "tools", "tools/docs_site")


def test_locks_agree():
    cpu, gpu = (_pins(name) for name in LOCKS)
    assert len(cpu) > 50
    assert {name: gpu.get(name) for name in cpu if name != "tensorflow_cpu"} == {
        name: version for name, version in cpu.items() if name != "tensorflow_cpu"
    }
    assert cpu["tensorflow_cpu"] == gpu["tensorflow"]
    assert "tensorflow" not in cpu


def test_locks_hold_hashes_and_name_no_registry():
    for name in (*LOCKS, DOCS_LOCK):
        text = (ROOT / name).read_text()
        assert text.count("==") <= text.count("--hash=sha256:")
        assert not re.search(r"https?:|index-url|find-links", text)


def test_requirements_are_direct_and_locked():
    """Each requirement is imported somewhere, and pinned as it asks."""
    labels = {label for group in update_build.EXTERNAL.values() for label in group}
    named = {label.rpartition("/")[2] for label in labels} | {"ruff", "tensorflow"}
    pins = _pins(LOCKS[1])
    for name in ("requirements.txt", "requirements_dev.txt"):
        for line in (ROOT / name).read_text().splitlines():
            package, _, version = line.partition("#")[0].strip().partition("==")
            package = package.replace("-", "_")
            if package:
                assert package in named, f"{name}: {package}"
                assert package in pins, f"{name}: {package}"
                assert version in ("", pins[package]), f"{name}: {package}"


def test_every_command_is_installed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    commands = update_build.Tree(ROOT).commands()
    assert "train" in commands
    assert project["scripts"] == {
        f"ebm-tf-{name}": f"ebm_tf.pipeline.commands.start:{name}" for name in commands
    }


def test_every_package_is_installed_under_one_name():
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    folders = {
        path.parent.relative_to(ROOT).as_posix().replace("/", ".")
        for top in ("ebm_tf", "pipeline")
        for path in (ROOT / top).rglob("__init__.py")
    }
    assert set(tools["packages"]) == {
        f"ebm_tf.{name}" if name.startswith("pipeline") else name for name in folders
    }
    assert tools["package-dir"] == {"ebm_tf.pipeline": "pipeline"}
