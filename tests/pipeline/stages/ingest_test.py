"""The stage `ingest` and its command, on miniature data in published formats."""

import dataclasses
import gzip
import json
import os
import pathlib

import numpy as np
import pytest

from ebm_tf import resources
from ebm_tf.data import shards
from pipeline.commands import ingest as ingest_command
from pipeline.settings.config import IngestConfig
from pipeline.stages import ingest
from pipeline.store import artifacts, replacement
from tests import miniature

CONFIG = IngestConfig(
    dataset="mnist", validation_count=12, shard_size=20, label_names=(), images=None
)
SMALL = ("--set=validation_count=12", "--set=shard_size=20")


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return miniature.write_mnist(tmp_path_factory.mktemp("mnist"), 64, 32)


def everything(artifact, name):
    examples = shards.Examples(artifact.file(name))
    images, labels = examples.gather(np.arange(examples.num_examples))
    return [(image.tobytes(), int(label)) for image, label in zip(images, labels)]


def test_splits_are_the_published_images_once_each(published, tmp_path):
    made = ingest.run(published, str(tmp_path / "examples"), CONFIG, seed=0)
    train, validation = everything(made, "train"), everything(made, "validation")
    images, labels = miniature.digits(64, 0)
    source = [(image.tobytes(), int(label)) for image, label in zip(images, labels)]
    assert sorted(train + validation) == sorted(source)
    assert len(validation) == 12
    images, labels = miniature.digits(32, 1)
    assert everything(made, "test") == [
        (image.tobytes(), int(label)) for image, label in zip(images, labels)
    ]


def test_a_data_set_beyond_the_disk_is_refused_before_it_is_written(
    published, tmp_path, monkeypatch
):
    num_bytes = (64 + 32) * (784 + 4)
    monkeypatch.setattr(resources, "available_disk", lambda path: num_bytes - 1)
    text = f"a data set of 96 examples needs {num_bytes:,} bytes of disk, and there are"
    with pytest.raises(ValueError, match=text):
        ingest.run(published, str(tmp_path / "examples"), CONFIG, seed=0)
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr(resources, "available_disk", lambda path: num_bytes)
    ingest.run(published, str(tmp_path / "examples"), CONFIG, seed=0)


def test_other_published_files_make_other_examples(tmp_path, capsys):
    folder = tmp_path / "mnist"
    miniature.write_mnist(folder, 64, 32)
    out = str(tmp_path / "examples")
    made = ingest.run(str(folder), out, CONFIG, seed=0)
    assert ingest.run(str(folder), out, CONFIG, seed=0) == made
    assert ingest.run(str(tmp_path), out, CONFIG, seed=0) == made  # nothing to compare
    name = "t10k-images-idx3-ubyte.gz"
    images, _ = miniature.digits(32, 5)
    (folder / name).write_bytes(gzip.compress(miniature.idx_bytes(images)))
    with pytest.raises(ValueError, match=f"{name} in {folder} was another. Take"):
        ingest.run(str(folder), out, CONFIG, seed=0)
    with replacement.on():
        other = ingest.run(str(folder), out, CONFIG, seed=0)
    assert f"is made anew: {name} in {folder} was another" in capsys.readouterr().out
    assert other.digest != made.digest


def test_manifest_says_what_later_stages_need(published, tmp_path):
    made = ingest.run(published, str(tmp_path / "examples"), CONFIG, seed=0)
    assert made.kind == "examples"
    assert made.details == {
        "shape": [28, 28, 1],
        "space": {"kind": "box", "low": 0.0, "high": 1.0, "num_levels": 256},
        "num_classes": 10,
        "class_names": [str(digit) for digit in range(10)],
        "label_names": [],
        "normalization": None,
        "num_examples": {"train": 52, "validation": 12, "test": 32},
    }
    assert made.config == {
        "dataset": "mnist",
        "validation_count": 12,
        "shard_size": 20,
        "label_names": [],
        "images": None,
        "overlap": "refuse",
    }
    assert published in made.manifest["notes"]["origin"]
    assert len(made.manifest["notes"]["checksums"]) == 4


def test_statistics_are_those_of_the_images(published, tmp_path):
    made = ingest.run(published, str(tmp_path / "examples"), CONFIG, seed=0)
    found = json.loads(pathlib.Path(made.file("statistics.json")).read_text())
    images, labels = miniature.digits(32, 1)
    assert found["test"]["class_counts"] == np.bincount(labels, minlength=10).tolist()
    assert np.allclose(found["test"]["mean"], ((images + 0.5) / 256).mean())
    assert set(found) == {"train", "validation", "test"}


def test_seed_and_content_decide_and_the_place_does_not(published, tmp_path):
    first = ingest.run(published, str(tmp_path / "a"), CONFIG, seed=0)
    elsewhere = miniature.write_mnist(tmp_path / "again", 64, 32)
    again = ingest.run(elsewhere, str(tmp_path / "b"), CONFIG, seed=0)
    assert first.digest == again.digest
    other = ingest.run(published, str(tmp_path / "c"), CONFIG, seed=1)
    assert everything(other, "validation") != everything(first, "validation")


def test_cifar10_has_three_channels(tmp_path):
    folder = miniature.write_cifar10(tmp_path / "cifar", 50, 10)
    config = dataclasses.replace(CONFIG, dataset="cifar10", validation_count=5)
    made = ingest.run(folder, str(tmp_path / "examples"), config, seed=0)
    assert made.details["shape"] == [32, 32, 3]
    statistics = json.loads(pathlib.Path(made.file("statistics.json")).read_text())
    assert len(statistics["train"]["mean"]) == 3


def test_command_writes_into_the_run_and_says_when_it_is_there(
    published, tmp_path, ended
):
    args = ("--dataset=mnist", f"--data_dir={published}", f"--out={tmp_path}", *SMALL)
    code, out, _ = ended(ingest_command.main, *args)
    assert code == 0 and out == f"ingest: wrote {tmp_path}/examples\n"
    before = os.stat(tmp_path / "examples" / "manifest.json").st_mtime_ns
    code, out, err = ended(ingest_command.main, *args)
    assert (code, err) == (0, "")
    assert (
        out == f"ingest: {tmp_path}/examples is there already, made by this request\n"
    )
    assert os.stat(tmp_path / "examples" / "manifest.json").st_mtime_ns == before


def cut(folder):
    path = folder / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-100])


def shorten(folder):
    path = folder / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:-1]))


def mislabel(folder):
    path = folder / "train-labels-idx1-ubyte.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:-1] + b"\x0a"))


def swap(folder):
    labels = (folder / "train-labels-idx1-ubyte.gz").read_bytes()
    (folder / "train-images-idx3-ubyte.gz").write_bytes(labels)


def lose(folder):
    (folder / "t10k-images-idx3-ubyte.gz").unlink()


@pytest.mark.parametrize(
    "damage, text",
    [
        (cut, "train-images-idx3-ubyte.gz` must be a whole gzip file"),
        (shorten, "t10k-labels-idx1-ubyte.gz` must hold 32 bytes"),
        (mislabel, "must hold labels from 0 to 9. Received: 10 at position 63"),
        (swap, "train-images-idx3-ubyte.gz` must start with the IDX magic number"),
        (lose, "does not exist, gzipped or not: "),
    ],
)
def test_bad_file_is_one_line_and_leaves_nothing(tmp_path, ended, damage, text):
    folder = pathlib.Path(miniature.write_mnist(tmp_path / "mnist", 64, 32))
    damage(folder)
    out = tmp_path / "run"
    code, _, err = ended(
        ingest_command.main, "--dataset=mnist", f"--data_dir={folder}", f"--out={out}"
    )
    assert code == 2
    # Fewer images than published is a warning, and stands on a line before.
    assert err.splitlines()[-1].startswith("ingest: ") and text in err
    assert not out.exists()


@pytest.mark.parametrize(
    "args, text",
    [
        (
            ["--dataset=emnist"],
            "`dataset` must be one of arrays, celeb_a, cifar10, cifar100, digits, ",
        ),
        (
            ["--dataset=emnist", "--preset=mnist"],
            "`dataset` must be a registered data set, one of arrays, celeb_a, ",
        ),
        (["--dataset=mnist", "--data_dir=/no/such"], "does not exist: /no/such"),
        (["--dataset=mnist", "--set=validation_count=64"], "below the 64 training"),
        (["--dataset=mnist", "--set=shard_size=0"], "`ingest.shard_size` must be"),
        (["--dataset=mnist", "--out=/proc/run"], "/proc/run"),
        (["--dataset=mnist", "--strategy=one"], "Unknown command line flag 'strategy'"),
    ],
)
def test_bad_request_is_one_line_and_leaves_nothing(
    published, tmp_path, ended, args, text
):
    out = tmp_path / "run"
    code, _, err = ended(
        ingest_command.main, f"--out={out}", f"--data_dir={published}", *args
    )
    assert code == 2
    assert err.splitlines()[-1].startswith("ingest: ") and text in err
    assert not out.exists()


def test_output_of_another_kind_is_left_alone(published, tmp_path, ended):
    with artifacts.writing(str(tmp_path / "examples"), "samples", CONFIG, {}, 0):
        pass
    code, _, err = ended(
        ingest_command.main,
        "--dataset=mnist",
        f"--data_dir={published}",
        f"--out={tmp_path}",
    )
    assert (code, err.count("\n")) == (2, 1)
    assert "holds `samples`, not `examples`" in err
    assert artifacts.load(str(tmp_path / "examples"), "samples")


def test_files_that_change_while_they_are_read_make_nothing(tmp_path, monkeypatch):
    folder, out = tmp_path / "mnist", tmp_path / "examples"
    miniature.write_mnist(folder, 64, 32)
    write_split = shards.write_split

    def change_and_write(*args):
        images, _ = miniature.digits(64, 5)
        path = folder / "train-images-idx3-ubyte.gz"
        path.write_bytes(gzip.compress(miniature.idx_bytes(images)))
        return write_split(*args)

    monkeypatch.setattr(shards, "write_split", change_and_write)
    with pytest.raises(ValueError, match="train-images.* was changed while it was"):
        ingest.run(str(folder), str(out), CONFIG, seed=0)
    assert os.listdir(tmp_path) == ["mnist"]
