"""Lineage: from a picture to the raw files, and a byte changed anywhere is found."""

import json
import pathlib
import shutil

import pytest

from ebm_tf import files
from pipeline.commands import lineage as lineage_command
from pipeline.store import artifacts, lineage, parts


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


def test_a_moved_run_is_followed_and_read_where_it_is_now(made, copy):
    (copy / "model" / "model.png").write_text("other")
    found = lineage.check(lineage.trace(str(copy / "samples")))
    # Inputs are looked for where they were first: those of `made` are whole.
    assert found == []
    away = made / "run_away"
    (made / "run").rename(away)
    try:
        found = lineage.check(lineage.trace(str(copy / "samples")))
    finally:
        away.rename(made / "run")
    assert found == [f"{copy}/model/model.png was changed"]


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


def test_what_is_gone_is_said(copy, made):
    shutil.rmtree(copy / "model")
    away = made / "run_away"
    (made / "run").rename(away)
    try:
        text = list(lineage.lines(lineage.trace(str(copy / "samples"))))
    finally:
        away.rename(made / "run")
    assert "model  not there: " in text[1]


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
