"""Parts of artifacts as inputs of others."""

import hashlib
import json
import pathlib

import pytest

from ebm_tf import checks, files
from pipeline.store import artifacts, manifests, parts

PATTERN = "checkpoints/ckpt-3.*"


@pytest.fixture
def model(tmp_path):
    with artifacts.writing(str(tmp_path / "model"), "model", {}, {}, 0) as scratch:
        folder = pathlib.Path(scratch.folder, "checkpoints")
        folder.mkdir()
        for name in ("ckpt-3.index", "ckpt-3.data", "ckpt-30.index"):
            (folder / name).write_text(name)
        scratch.shown_files.append("checkpoints/*")
    return artifacts.load(str(tmp_path / "model"), "model")


def test_digest_is_of_the_names_and_digests_of_the_files(model):
    part = parts.of(model, PATTERN, "the checkpoint")
    found = {
        f"checkpoints/{name}": hashlib.sha256(name.encode()).hexdigest()
        for name in ("ckpt-3.data", "ckpt-3.index")
    }
    text = json.dumps(found, sort_keys=True)
    assert part.digest == hashlib.sha256(text.encode()).hexdigest()
    assert part.path == model.path and part.digest != model.digest
    assert part.place == {"path": model.path, "files": PATTERN}


def test_file_that_the_manifest_does_not_know_is_digested_itself(model):
    known = parts.of(model, PATTERN, "the checkpoint").digest
    pathlib.Path(model.file("checkpoints/ckpt-3.more")).write_text("x")
    other = parts.digest_of(model.path, model.manifest, PATTERN)
    assert other not in (known, None)


def test_what_is_not_there_is_named(model):
    with pytest.raises(checks.MissingFileError, match="the checkpoint does not exist"):
        parts.of(model, "checkpoints/ckpt-4.*", "the checkpoint")
    assert parts.digest_of(model.path, model.manifest, "checkpoints/x.*") is None


def test_of_format_1_it_is_the_whole(model):
    old = artifacts.Artifact(model.path, model.manifest | {"format": 1})
    assert parts.of(old, PATTERN, "the checkpoint") is old


def test_samples_of_a_part_say_so_and_are_told_from_those_of_another(model, tmp_path):
    inputs = {"member.1": parts.of(model, PATTERN, "the checkpoint")}
    path = str(tmp_path / "samples")
    with artifacts.writing(path, "samples", {}, inputs, 0):
        pass
    made = artifacts.find(path, "samples", {}, inputs, 0)
    assert made.manifest["inputs"]["member.1"] == {
        "path": model.path,
        "files": PATTERN,
        "digest": inputs["member.1"].digest,
    }
    other = {"member.1": parts.of(model, "checkpoints/ckpt-30.*", "the checkpoint")}
    with pytest.raises(checks.InvalidValueError, match="inputs.member.1 was"):
        artifacts.find(path, "samples", {}, other, 0)


def test_checkpoints_do_not_change_the_digest_of_the_model(model, tmp_path):
    path = str(tmp_path / "again")
    with artifacts.writing(path, "model", {}, {}, 0) as scratch:
        scratch.shown_files.append("checkpoints/*")
    assert artifacts.load(path, "model").digest == model.digest
    pathlib.Path(model.file("checkpoints/ckpt-3.index")).write_text("y")
    assert files.sha256(model.file("checkpoints/ckpt-3.index")) not in (
        model.manifest["files"].values()
    )
    with pytest.raises(checks.InvalidValueError, match="ckpt-3.index was changed"):
        artifacts.load(model.path, "model")
    assert manifests.digest_of(model.manifest) == model.digest
