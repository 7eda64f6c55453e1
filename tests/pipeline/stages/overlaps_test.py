"""The same images in train and test, whatever form they come in: told, and refused."""

import gzip
import pathlib
import shutil

import numpy as np
import pytest

from pipeline.commands import ingest as ingest_command
from pipeline.store import artifacts
from tests import miniature

IMAGES = ("--set=images.size=16", "--set=validation_count=4")
ALLOW = "--set=ingest.overlap=allow"


def gzip_against_plain(folder):
    """All training images again, as another file of other bytes."""
    miniature.write_mnist(folder, 64, 32)
    for kind in ("images-idx3-ubyte", "labels-idx1-ubyte"):
        packed = (folder / f"train-{kind}.gz").read_bytes()
        (folder / f"t10k-{kind}.gz").unlink()
        (folder / f"t10k-{kind}").write_bytes(gzip.decompress(packed))


def one_of_a_folder(folder):
    miniature.write_folder(folder / "train", 40)
    names = sorted((folder / "train" / "class_0").glob("*.png"))
    (folder / "test" / "class_0").mkdir(parents=True)
    for path in names[:3]:
        shutil.move(path, folder / "test" / "class_0" / path.name)
    shutil.copy(names[5], folder / "test" / "class_0" / "again.png")


def rows_of_arrays(folder):
    folder.mkdir()
    rows = np.random.default_rng(0).normal(size=[40, 3])
    np.save(folder / "train.npy", rows)
    np.save(folder / "test.npy", np.concatenate([rows[7:8], rows[:9] + 1]))


def a_validation_set(folder):
    one_of_a_folder(folder)
    shutil.move(folder / "test", folder / "val")


CASES = [
    (
        gzip_against_plain,
        "mnist",
        "test",
        "64 of 64, the first test ",
    ),
    (one_of_a_folder, "folder", "test", "the first test/class_0/again.png = train/"),
    (rows_of_arrays, "arrays", "test", "1 of 10, the first test example 0 ="),
    (a_validation_set, "folder", "validation", "the first val/class_0/again.png = t"),
]


@pytest.mark.parametrize("make, dataset, name, told", CASES)
def test_it_is_refused_unless_it_is_allowed(tmp_path, ended, make, dataset, name, told):
    folder, out = pathlib.Path(tmp_path / "data"), tmp_path / "run"
    make(folder)
    args = [f"--dataset={dataset}", f"--data_dir={folder}", f"--out={out}"]
    args += IMAGES if dataset == "folder" else IMAGES[1:]
    code, _, err = ended(ingest_command.main, *args)
    line = err.splitlines()[-1]
    assert code == 2 and not out.exists()
    assert f"must hold {name} examples that are not in" in line and told in line
    assert "ingest.overlap=allow" in line
    code, text, _ = ended(ingest_command.main, *args, ALLOW)
    assert code == 0 and f" {name} examples are in train" in text
    made = artifacts.load(str(out / "examples"), "examples")
    assert sum(made.manifest["notes"]["overlap"].values()) >= 1
    assert ended(ingest_command.main, *args)[0] == 0  # there already: it is no other


def test_what_was_drawn_for_validation_is_told_and_taken(tmp_path, ended):
    folder = tmp_path / "data"
    folder.mkdir()
    rows = np.random.default_rng(0).normal(size=[20, 3])
    np.save(folder / "train.npy", np.concatenate([rows, rows]))
    np.save(folder / "test.npy", rows + 1)
    args = ("--dataset=arrays", f"--data_dir={folder}", f"--out={tmp_path / 'run'}")
    code, text, _ = ended(ingest_command.main, *args, "--set=validation_count=9")
    assert code == 0 and " validation examples are in train too" in text
