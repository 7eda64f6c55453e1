"""Lineage: from a picture to the raw files, and a byte changed anywhere is found."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import sys

import pytest

from ebm_tf import files
from pipeline.commands import lineage as lineage_command
from pipeline.store import artifacts, lineage, parts, replacement


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Raw files, and artifacts made one from the other, as stages do."""
    folder = tmp_path_factory.mktemp("made")
    raw, run = folder / "raw", folder / "run"
    raw.mkdir()
    (raw / "images.gz").write_bytes(b"pixels")

    def make(kind, inputs, **notes):
        paths = {name: artifacts.peek(str(run / name), name) for name in inputs}
        path = str(run / kind)
        with artifacts.writing(path, kind, {}, paths, 0) as scratch:
            pathlib.Path(scratch.folder, f"{kind}.png").write_text(kind)
            scratch.notes.update(notes)
            if kind == "evaluation":
                made = artifacts.peek(str(run / "classifier"), "classifier")
                scratch.details.update(classifier=made.digest)

    checksums = {"images.gz": files.sha256(raw / "images.gz")}
    make("examples", (), origin="Drawn.", checksums=checksums, data_dir=str(raw))
    make("model", ("examples",))
    make("samples", ("model",))
    make("classifier", ("examples",))
    make("evaluation", ("model", "samples", "examples"))
    passed = artifacts.peek(str(run / "evaluation"), "evaluation")
    passed = {"path": passed.path, "digest": passed.digest}
    make("export", ("model",), evaluation=passed)
    return folder


@pytest.fixture
def copy(made, tmp_path):
    """A run that was moved, with its raw files where they were."""
    shutil.copytree(made / "run", tmp_path / "run")
    return tmp_path / "run"


def test_the_tree_goes_from_a_picture_to_the_raw_files(made, ended):
    picture = made / "run" / "evaluation" / "evaluation.png"
    code, out, err = ended(lineage_command.main, f"--artifact={picture}", "--check")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[-1] == "lineage: every digest is as it should be"
    tree = [(len(line) - len(line.lstrip()), line.split()[0]) for line in lines[:-1]]
    assert tree == [
        (0, "evaluation"),
        *((4, "model"), (8, "examples"), (12, "images.gz")),
        *((4, "samples"), (8, "model")),
        (4, "examples"),
        *((4, "classifier"), (8, "examples")),
    ]
    assert lines[5].endswith("(as above)")
    assert "Drawn." in lines[2]


def problems(folder, name="samples"):
    return lineage.check(lineage.trace(str(folder / name)))


@contextlib.contextmanager
def away(path):
    """Within the block nothing is at `path`."""
    aside = path.with_name("aside")
    path.rename(aside)
    try:
        yield
    finally:
        aside.rename(path)


def test_a_copied_run_is_read_where_it_is_now(made, copy):
    assert problems(copy) == problems(copy, "export") == []
    (copy / "model" / "model.png").write_text("other")
    assert problems(copy) == [f"{copy}/model/model.png was changed"]
    with away(made / "run"):
        assert problems(copy) == [f"{copy}/model/model.png was changed"]
    note = copy / "model" / "manifest.json"
    note.write_text(note.read_text().replace('"digest": "', '"digest": "0', 1))
    assert f"{copy}/model/manifest.json was changed" in problems(copy)


def test_a_renamed_run_is_as_it_was_beside_another_at_its_place(made, copy):
    renamed = copy.with_name("renamed")
    shutil.copytree(copy, renamed)
    with artifacts.writing(str(copy / "other"), "model", {}, {}, 9):
        pass
    shutil.rmtree(copy / "model")
    (copy / "other").rename(copy / "model")
    with away(made / "run"):
        assert problems(renamed) == problems(renamed, "export") == []
        assert problems(copy) == [
            f"{copy}/model is not the one that was used: it was made anew since"
        ]
    assert problems(copy) == []  # the one that was used is where it was


def test_what_is_moved_with_the_folder_above_both_is_found(tmp_path):
    base, path = tmp_path / "a" / "base" / "model", tmp_path / "a" / "run" / "samples"
    with artifacts.writing(str(base), "model", {}, {}, 0):
        pass
    inputs = {"model": artifacts.peek(str(base), "model")}
    with artifacts.writing(str(path), "samples", {}, inputs, 0):
        pass
    (tmp_path / "a").rename(tmp_path / "b")
    assert problems(tmp_path / "b" / "run") == []


def test_the_evaluation_that_an_export_passed_stays_in_the_tree(made, copy):
    def names(folder):
        text = lineage.lines(lineage.trace(str(folder / "export")))
        return [line.split()[0] for line in text]

    before = names(made / "run")
    assert "evaluation" in before
    with away(made / "run"):
        assert names(copy) == before
    shutil.rmtree(copy / "evaluation")
    with away(made / "run"):
        node = lineage.trace(str(copy / "export"))
        told = f"    evaluation  another is there now: {made}/run/evaluation  "
        assert [line for line in lineage.lines(node) if line.startswith(told)]
        assert lineage.check(node) == []  # it is no input


@pytest.mark.parametrize(
    "path, text",
    [
        ("run/evaluation/evaluation.png", "evaluation.png was changed"),
        ("run/classifier/classifier.png", "classifier.png was changed"),
        ("run/samples/samples.png", "samples.png was changed"),
        ("run/examples/examples.png", "examples.png was changed"),
        ("raw/images.gz", "images.gz was changed"),
    ],
)
def test_a_byte_changed_anywhere_is_found(made, ended, path, text):
    content = (made / path).read_bytes()
    (made / path).write_bytes(content[:-1] + b"?")
    try:
        code, out, err = ended(
            lineage_command.main, f"--artifact={made / 'run' / 'evaluation'}", "--check"
        )
    finally:
        (made / path).write_bytes(content)
    assert code == 1 and err.count("\n") == 1
    assert err.startswith("lineage: 1 found: ") and err.endswith(f"{text}\n")
    assert f"    ! {made}" in out


def test_a_changed_manifest_a_missing_file_and_another_input_are_found(made):
    folder = made / "run"
    note = folder / "model" / "manifest.json"
    text = note.read_text()
    node = lineage.trace(str(folder / "samples"))
    try:
        note.write_text(text.replace('"seed": 0', '"seed": 1'))
        changed = lineage.check(lineage.trace(str(folder / "samples")))
        assert changed == [f"{folder}/model/manifest.json was changed"]
        manifest = json.loads(text)
        manifest["digest"] = "0" * 64
        note.write_text(json.dumps(manifest))
        other = lineage.check(lineage.trace(str(folder / "samples")))
        assert f"{folder}/model is not the one that was used" in other[-1]
    finally:
        note.write_text(text)
    (folder / "model" / "model.png").rename(folder / "aside")
    try:
        assert lineage.check(node) == [f"{folder}/model/model.png is missing"]
    finally:
        (folder / "aside").rename(folder / "model" / "model.png")


def test_a_circle_is_named_and_a_manifest_of_another_type_too(copy):
    note = copy / "examples" / "manifest.json"
    manifest = json.loads(note.read_text())
    model = {"path": str(copy / "model"), "digest": "0"}
    note.write_text(json.dumps(manifest | {"inputs": {"model": model}}))
    of_model = copy / "model" / "manifest.json"
    again = json.loads(of_model.read_text())
    again["inputs"]["examples"]["path"] = str(copy / "examples")
    of_model.write_text(json.dumps(again))
    with pytest.raises(ValueError) as caught:
        lineage.trace(str(copy / "model"))
    assert str(caught.value) == (
        f"{copy}/model says it was made from itself: "
        f"{copy}/model -> {copy}/examples -> {copy}/model"
    )
    for changes in ({"format": 7}, {"inputs": 3}, {"files": ["a"]}, {"kind": None}):
        note.write_text(json.dumps(manifest | changes))
        with pytest.raises((ValueError, TypeError), match=str(note)):
            lineage.trace(str(copy / "examples"))


@pytest.mark.parametrize("check", [[], ["--check"]])
@pytest.mark.parametrize("name", ["model", "examples"])
def test_an_input_that_is_gone_is_said_and_no_success(made, copy, ended, name, check):
    shutil.rmtree(copy / name)
    with away(made / "run"):
        code, out, err = ended(
            lineage_command.main, f"--artifact={copy / 'samples'}", *check
        )
    assert code == 1 and err.count("\n") == 1
    assert f"{name}  not there: {made}/run/{name}" in out
    assert err == f"lineage: 1 found: {name} is not there: {made}/run/{name}\n"


def test_a_raw_file_that_is_gone_is_said(made, ended):
    picture = made / "run" / "examples"
    with away(made / "raw"):
        code, _, err = ended(lineage_command.main, f"--artifact={picture}")
    assert code == 1 and f"images.gz is not there: {made}/raw/images.gz" in err


@pytest.mark.parametrize(
    "args, text",
    [
        ([], "`--artifact` must be a path"),
        (["--artifact=/no/such"], "does not exist: /no/such"),
        (["--artifact=/usr"], "no artifact is or holds /usr"),
    ],
)
def test_bad_request_is_one_line(ended, args, text):
    code, out, err = ended(lineage_command.main, *args)
    assert (code, out) == (2, "") and text in err and err.count("\n") == 1


def test_a_part_of_an_artifact_is_compared_by_its_own_digest(tmp_path):
    model = tmp_path / "model"
    with artifacts.writing(str(model), "model", {}, {}, 0) as scratch:
        pathlib.Path(scratch.folder, "ckpt-1.index").write_text("one")
        scratch.shown_files.append("ckpt-*")
    part = parts.of(artifacts.peek(str(model), "model"), "ckpt-1.*", "it")
    path = str(tmp_path / "samples")
    with artifacts.writing(path, "samples", {}, {"member.1": part}, 0):
        pass
    assert lineage.check(lineage.trace(path)) == []
    (model / "ckpt-1.data").write_text("more")  # no longer what the samples came from
    assert lineage.check(lineage.trace(path)) == [
        f"{model} is not the one that was used: it was made anew since"
    ]
    (model / "ckpt-1.data").unlink()
    (model / "ckpt-1.index").write_text("two")
    changed = lineage.check(lineage.trace(path))
    assert changed == [f"{model}/ckpt-1.index was changed"]


def test_a_replacement_that_was_killed_between_its_renames_is_finished(copy, ended):
    examples = copy / "examples"
    child = os.fork()
    if child == 0:

        def kill(event, args):
            if event == "os.rename" and args[1] == str(examples):
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(kill)
        path = str(examples)
        with replacement.on(), artifacts.writing(path, "examples", {}, {}, 1) as new:
            pathlib.Path(new.folder, "examples.png").write_text("new")
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1]) and not examples.exists()
    picture = f"--artifact={examples}/examples.png"
    code, out, _ = ended(lineage_command.main, picture, "--check")
    assert code == 0 and f"{examples} is finished: the command" in out
    assert (examples / "examples.png").read_text() == "new"
    assert not list(copy.glob("examples.*"))
