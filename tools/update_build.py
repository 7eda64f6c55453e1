"""Writes the BUILD files of the Python folders from what their files import.

    python3 -m tools.update_build            writes what changed
    python3 -m tools.update_build --check    only names stale files, and exits 1

One py_library for each package of ebm_tf, for each room of pipeline/, and for each
other folder; one command, a binary of the package //pipeline, for
each file of pipeline/commands that has a `main`; one py_binary for each example, and
for each file of benchmarks/ and tools/ that can be run; one pytest_test for each
folder of tests, as every process that imports TensorFlow pays seconds for it. In
tests/ itself each file is a target. An import counts wherever it stands in a file,
and so does a string that is the dotted name of a module of ours.

What imports do not show stands in `build_tables.py`. The BUILD files of `/` and
`bazel/` are written by hand.
"""

import argparse
import os
import pathlib
import re
import sys

from pipeline.store.imports import (
    BuildError,
    imported_names,
    module_name,
    package_name,
    split,
)
from tools import starlark
from tools.build_tables import (
    DATA_FOLDERS,
    EXTERNAL,
    EXTRA_DATA,
    EXTRA_DEPS,
    FOLDERS,
    LAYERS,
    LAZY,
    MANUAL,
    SHARDS,
    SIZES,
    USERS,
)


def home(folder: str) -> str:
    """Returns the folder whose library holds the files of `folder`.

    A package of the library, or a room of the pipeline, is one library with the folders
    in it: what registers itself and what asks for it need each other. So is what tests
    it one target.
    """
    parts = folder.split("/")
    top = parts[1:] if parts[0] == "tests" else parts
    if top[:1] in (["ebm_tf"], ["pipeline"]):
        return "/".join(parts[: len(parts) - len(top) + 2])
    return folder


def users_of(folder: str) -> list[str]:
    """Returns the visibility that the layers give to a folder's library."""
    names = [*LAYERS, "users"]
    for index, packages in enumerate(LAYERS.values()):
        if folder in packages and index == 0:
            return ["//visibility:public"]
        if folder in packages:
            return [f"//ebm_tf:{names[index + 1]}_up"]
    return ["//visibility:public"] if folder == "pipeline" else ["//ebm_tf:users_up"]


def layer_groups() -> list[str]:
    """Returns the package groups that `users_of` names: a layer and all above it."""
    above = "users_up"
    users = [f"//{user}/..." for user in USERS] + ["//pipeline"]
    groups = [starlark.call("package_group", name=above, packages=users)]
    for name, packages in reversed(list(LAYERS.items())[1:]):
        group = starlark.call(
            "package_group",
            name=f"{name}_up",
            includes=[f":{above}"],
            packages=[f"//{package}" for package in packages],
        )
        groups.append(group)
        above = f"{name}_up"
    return groups


class Tree:
    """The Python files of a repository, and the targets that they make.

    Attributes:
        root: Path of the repository.
        files: Paths of its Python files, relative to `root`, sorted.
        modules: Dotted name of each module -> its file.
    """

    def __init__(self, root: pathlib.Path):
        self.root = root
        self.files = sorted(
            path.relative_to(root).as_posix()
            for folder in FOLDERS
            for path in (root / folder).rglob("*.py")
        )
        self.modules = {module_name(path): path for path in self.files}

    def is_binary(self, path: str) -> bool:
        """Returns whether the file is made to be run."""
        folder, _ = split(path)
        if folder not in ("benchmarks", "tools"):
            return folder == "examples"
        return '__name__ == "__main__"' in (self.root / path).read_text()

    def label(self, path: str) -> str:
        """Returns the label of the library that the file is in.

        It is that of its folder; a file that is run has one of its own.
        """
        folder, stem = split(path)
        if self.is_binary(path):
            return f"//{folder}:{stem}_lib"
        return f"//{home(folder)}"

    def deps(self, path: str) -> set[str]:
        """Returns the labels of what the file needs beside its own folder's library.

        Raises:
            BuildError: If it imports something that no table knows.
        """
        folder, stem = split(path)
        package = folder if stem != "__init__" else folder.rpartition("/")[0]
        labels = self.resolve(package.replace("/", "."), path)
        source = (self.root / path).read_text()
        try:
            names = imported_names(source, set(self.modules), package_name(path))
        except (BuildError, SyntaxError) as error:
            raise BuildError(f"{path}: {error}") from None
        if path not in LAZY:
            for name in names:
                labels |= self.resolve(name, path)
        labels |= set(EXTRA_DEPS.get(path, ()))
        return labels - {self.label(path)}

    def resolve(self, name: str, path: str) -> set[str]:
        """Returns the labels for the dotted name that the file `path` imports."""
        top = name.partition(".")[0]
        beside = split(path)[0] + f"/{name}.py"  # a script's own folder is searched
        if name in self.modules:
            return {self.label(self.modules[name])}
        if beside in self.files:
            return {self.label(beside)}
        if not name or top in sys.stdlib_module_names:
            return set()
        if top in FOLDERS and (self.root / name.replace(".", "/")).is_dir():
            return set()
        for known, labels in EXTERNAL.items():
            if f"{name}.".startswith(f"{known}."):
                return set(labels)
        raise BuildError(f"{path} imports `{name}`, unknown to tools/build_tables.py")

    def library(self, paths: list[str]) -> str:
        """Returns the rule for the library of some files of one folder."""
        folder = home(split(paths[0])[0])
        label = self.label(paths[0])
        deps = set().union(*map(self.deps, paths)) - {label}
        return starlark.call(
            "py_library",
            name=label.partition(":")[2] or folder.rpartition("/")[2],
            testonly=folder.partition("/")[0] == "tests",
            srcs=[path.removeprefix(f"{folder}/") for path in paths],
            data=_data(paths, folder),
            deps=_local(deps, folder),
        )

    def binary(self, path: str) -> str:
        """Returns the rules for a file that is run."""
        folder, stem = split(path)
        return (
            self.library([path])
            + "\n"
            + starlark.call(
                "py_binary",
                name=stem,
                srcs=[f"{stem}.py"],
                deps=_local([self.label(path)], folder),
            )
        )

    def test(self, paths: list[str]) -> str:
        """Returns the rule that runs the test files, all of one folder."""
        folder, stem = home(split(paths[0])[0]), split(paths[0])[1]
        name = stem if folder == "tests" else folder.rpartition("/")[2] + "_test"
        parts = folder.split("/")
        parents = ["/".join(parts[: end + 1]) for end in range(len(parts))]
        conftests = [f"{parent}/conftest.py" for parent in parents]
        deps = {self.label(path) for path in conftests if path in self.files}
        for path in paths:
            deps |= self.deps(path)
        if any(path in self.files for path in self.helpers(folder)):
            deps.add(f"//{folder}")
        target = f"//{folder}:{name}"
        shards = SHARDS.get(target)
        return starlark.call(
            "pytest_test",
            name=name,
            size=SIZES.get(target, "large"),
            srcs=[path.removeprefix(f"{folder}/") for path in paths],
            **({"shard_count": shards} if shards else {}),
            **({"tags": ["manual"]} if target in MANUAL else {}),
            data=_data(paths, folder),
            deps=_local(deps - {"@pypi//pytest"}, folder),
        )

    def commands(self) -> list[str]:
        """Returns the names of the commands: files with a `main` that is called."""
        return [
            split(path)[1]
            for path in self.files
            if split(path)[0] == "pipeline/commands"
            and re.search(r"^main = ", (self.root / path).read_text(), re.MULTILINE)
        ]

    def helpers(self, folder: str) -> list[str]:
        """Returns the files of a folder that are neither tests nor run."""
        return [
            path
            for path in self.files
            if home(split(path)[0]) == folder
            and not path.endswith("_test.py")
            and not self.is_binary(path)
        ]

    def build_file(self, folder: str, below: list[str]) -> str:
        """Returns the text of a folder's BUILD file.

        Args:
            folder: Its path.
            below: Folders in it that have a BUILD file.
        """
        paths = [path for path in self.files if home(split(path)[0]) == folder]
        tests = [path for path in paths if path.endswith("_test.py")]
        shared = self.helpers(folder)
        rules = [self.library(shared)] if shared else []
        rules += [self.binary(path) for path in paths if self.is_binary(path)]
        if folder == "tests":
            rules += [self.test([path]) for path in tests]
        elif tests:
            rules.append(self.test(tests))
        if folder == "pipeline":
            rules += [starlark.call("command", name=n) for n in self.commands()]
        if folder in LAYERS["ground"]:
            rules = layer_groups() + rules
        text = "".join(rules)
        used = [rule for rule in ("py_binary", "py_library") if f"{rule}(" in text]
        header = "# Made by tools/update_build.py.\n\n"
        if used:
            names = ", ".join(f'"{name}"' for name in used)
            header += f'load("@rules_python//python:defs.bzl", {names})\n'
        loads = {"command": "command", "pytest": "pytest_test"}
        for file, rule in loads.items():
            if re.search(rf"^{rule}\(", text, re.MULTILINE):
                header += f'load("//bazel:{file}.bzl", "{rule}")\n'
        header += "\n" if "load(" in header else ""
        package = starlark.call("package", default_visibility=users_of(folder))
        sources = 'glob(["**/*.py"]) + ["BUILD"]'
        if below:
            items = "".join(f'        "//{name}:py_files",\n' for name in below)
            sources += f" + [\n{items}    ]"
        files = starlark.call(
            "filegroup",
            name="py_files",
            srcs=starlark.Expression(sources),
            visibility=["//visibility:public"],
        )
        if folder in DATA_FOLDERS:
            pattern = starlark.glob(DATA_FOLDERS[folder])
            rules.append(starlark.call("filegroup", name="data", srcs=pattern))
        return header + "\n".join([package, files, *rules])

    def build_files(self) -> dict[str, str]:
        """Returns what the BUILD files should hold: path -> text."""
        folders = {home(split(path)[0]) for path in self.files}
        folders = sorted(folders | set(FOLDERS))
        texts = {}
        for folder in folders:
            below = [name for name in folders if name.rpartition("/")[0] == folder]
            texts[f"{folder}/BUILD"] = self.build_file(folder, below)
        return texts


def _data(paths: list[str], folder: str):
    items = [item for path in paths for item in EXTRA_DATA.get(path, ())]
    globs = [item for item in items if not item.startswith(("//", "@"))]
    return starlark.glob(globs[0]) if globs else _local(items, folder)


def _local(labels, folder: str) -> list[str]:
    own = f"//{folder}:"
    return [":" + x.removeprefix(own) if x.startswith(own) else x for x in labels]


def stale_files(root: pathlib.Path) -> dict[str, str]:
    """Returns the BUILD files that should change: path -> what they should hold."""
    stale = {}
    for path, text in Tree(root).build_files().items():
        file = root / path
        if not file.exists() or file.read_text() != text:
            stale[path] = text
    return stale


def main() -> int:
    """Writes or checks the BUILD files; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only name stale files")
    check = parser.parse_args().check
    here = pathlib.Path(__file__).parents[1]
    root = pathlib.Path(os.environ.get("BUILD_WORKSPACE_DIRECTORY", here))
    try:
        stale = stale_files(root)
    except BuildError as error:
        print(f"update_build: {error}", file=sys.stderr)
        return 1
    for path, text in stale.items():
        print(f"{path} is stale" if check else f"wrote {path}")
        if not check:
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_text(text)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
