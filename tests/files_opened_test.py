"""Whatever a user names is opened in one place, and only if it is a regular file.

The first test reads the code: a new `open` has to go through `ebm_tf.files`. The second
goes through the doors with a named pipe, which would make a reader wait for ever, and a
device without an end.
"""

import ast
import os
import pathlib

import pytest

from ebm_tf import checks, files, json_files
from ebm_tf.data import array_files, array_folder, cifar_binary, idx, trajectories
from ebm_tf.data import files as data_files
from pipeline.experiments import trials
from pipeline.settings import presets
from pipeline.store import artifacts, lineage, manifest_files, unfinished

ROOT = pathlib.Path(__file__).absolute().parents[1]
_READERS = ("open", "load", "ZipFile", "read_text", "read_bytes", "load_model")
_MODULES = ("np", "zipfile", "Image", "io", "os", "models", "gzip")
# What a reader is given that is open already.
_STREAMS = ("stream", "packed")
# Module -> how many readers in it are given a path, and why that may be.
_BY_PATH = {
    "ebm_tf/data/array_files.py": 1,  # mapped; `files.opened` has looked at it
    # `files.opened` has looked at the first; the others Keras has just written.
    "ebm_tf/energy/keras_files.py": 3,
    "ebm_tf/export/graph_hash.py": 1,  # of what TensorFlow has just written
    "ebm_tf/registry.py": 1,  # of a module that Python has imported
    "ebm_tf/resources.py": 2,  # of the kernel
    "pipeline/experiments/tables.py": 1,  # arrays of an artifact that it has made
    "pipeline/kubeflow/compiled.py": 1,  # of what KFP has just written
    "pipeline/stages/evaluate/baselines.py": 2,  # arrays that the stage has verified
    "pipeline/stages/evaluate/evaluate.py": 1,  # pictures that the stage has drawn
    "pipeline/stages/evaluate/features.py": 1,  # arrays that the stage has verified
    "pipeline/stages/evaluate/likelihood_figures.py": 3,  # arrays that it has verified
    "pipeline/stages/evaluate/report.py": 2,  # pictures, likewise
    "pipeline/stages/sample/files.py": 2,  # arrays that the stage writes
    "pipeline/stages/sample/pictures.py": 2,  # likewise
    "pipeline/store/code_digest.py": 2,  # code of ours
    "pipeline/store/cost.py": 1,  # of the kernel
}


def _by_path(path: pathlib.Path) -> list[str]:
    """Returns the calls in a file that read what is at a path."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        call, text = node.func, ast.unparse(node)
        if isinstance(call, ast.Name):
            reads = call.id == "open" and not any(
                isinstance(word, ast.Constant) and str(word.value)[:1] in "wa"
                for word in node.args[1:2]
            )
        elif isinstance(call, ast.Attribute) and call.attr in _READERS:
            owner = ast.unparse(call.value).rpartition(".")[2]
            of_path = call.attr in ("read_text", "read_bytes") and owner != "files"
            reads = of_path or owner in _MODULES
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Name) and first.id in _STREAMS:
                reads = False
            if isinstance(first, ast.Call) and "BytesIO" in ast.unparse(first):
                reads = False
            if ast.unparse(call) == "os.open":
                reads = False  # of a lock, or a folder to be synced
        else:
            reads = False
        if reads:
            found.append(text)
    return found


def test_no_other_code_opens_what_a_user_names():
    found = {}
    for folder in ("ebm_tf", "pipeline"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            calls = _by_path(path)
            if len(calls) != _BY_PATH.get(name, 0):
                found[name] = calls
    assert not found, found


def test_no_array_is_written_by_what_does_not_tell_of_a_full_disk():
    found = [
        f"{path.name}: {ast.unparse(node)}"
        for folder in ("ebm_tf", "pipeline")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith(("np.save", ".tofile", ".open_memmap"))
    ]
    assert not found, found


DOORS = {
    "json": ("x.json", lambda f: json_files.read_json(str(f / "x.json"))),
    "preset": ("x.json", lambda f: presets.read_preset(str(f / "x.json"))),
    "search": ("x.json", lambda f: trials.read_search(str(f / "x.json"))),
    "manifest": ("manifest.json", lambda f: artifacts.peek(str(f), "model")),
    "lineage": ("manifest.json", lambda f: lineage.trace(str(f))),
    "note": ("x.json", lambda f: manifest_files.read_request(str(f / "x.json"))),
    "unfinished": (
        "a.partial/request.json",
        lambda f: unfinished.config_of(str(f / "a")),
    ),
    "sha256": ("x", lambda f: files.sha256(f / "x")),
    "gzip": ("x", lambda f: data_files.read_through(f / "x")),
    "npy": ("x.npy", lambda f: array_files.open_npy(str(f / "x.npy"))),
    "npz": ("x.npz", lambda f: array_files.read_npz(str(f / "x.npz"))),
    "arrays": ("train.npy", lambda f: array_folder.read(str(f))),
    "arrays in one": ("data.npz", lambda f: array_folder.read(str(f))),
    "trajectories": ("train.npy", lambda f: trajectories.read(str(f))),
    "idx": (
        "train-images-idx3-ubyte",
        lambda f: idx.split(
            str(f / "train-images-idx3-ubyte"), str(f / "x"), (2, 2, 1), 10
        ),
    ),
    "cifar": ("x.tar.gz", lambda f: cifar_binary.splits([str(f / "x.tar.gz")], [])),
}
KINDS = {
    "a named pipe": os.mkfifo,
    "a device": lambda path: os.symlink("/dev/zero", path),
    "a folder": os.mkdir,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("door", DOORS)
def test_no_door_reads_what_is_no_regular_file(tmp_path, door, kind):
    name, read = DOORS[door]
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    KINDS[kind](path)
    with pytest.raises(checks.InvalidValueError) as caught:
        read(tmp_path)
    text = str(caught.value)
    assert f"`{path}` must be a regular file. Received: {kind}" in text
    assert "\n" not in text


def test_a_file_of_json_has_a_largest_size(tmp_path):
    path = tmp_path / "x.json"
    with open(path, "wb") as file:
        file.truncate(1 << 40)  # of holes
    with pytest.raises(checks.InvalidValueError, match="at most 16777216 bytes"):
        json_files.read_json(str(path))
