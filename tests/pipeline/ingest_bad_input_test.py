"""Bad input of data sets other than IDX, as who runs the command meets it."""

import io
import pathlib
import tarfile

import pytest
from PIL import Image

from pipeline.commands import ingest as ingest_command
from pipeline.store import artifacts
from tests import miniature

IMAGES = ("--set=images.size=16", "--set=validation_count=4")


@pytest.fixture
def refused(tmp_path, ended):
    """Returns `(dataset, folder, *args) -> the last line`, of a request refused."""

    def run(dataset, folder, *args):
        out = tmp_path / "run"
        args = (f"--dataset={dataset}", f"--data_dir={folder}", f"--out={out}", *args)
        code, _, err = ended(ingest_command.main, *args)
        assert code == 2 and not out.exists()
        line = err.splitlines()[-1]
        assert line.startswith("ingest: ")
        return line

    return run


def test_one_corrupt_image_of_many(tmp_path, ended, refused):
    folder = tmp_path / "images"
    for number in range(400):
        path = folder / "ab"[number % 2] / f"{number:03d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (4, 4), number % 256).save(path)
    path = folder / "b" / "251.png"
    path.write_bytes(path.read_bytes()[:50])
    line = refused("folder", folder, *IMAGES)
    assert line.endswith("Received: 1 that cannot: b/251.png")
    args = ("--dataset=folder", f"--data_dir={folder}", f"--out={tmp_path / 'run'}")
    skip = "--set=images.corrupt=skip"
    code, _, err = ended(ingest_command.main, *args, *IMAGES, skip)
    assert code == 0
    assert "left out 1 that cannot be read: b/251.png\n" in err
    made = artifacts.load(str(tmp_path / "run" / "examples"), "examples")
    assert sum(made.details["num_examples"].values()) == 399
    assert "1 that cannot be read left out" in made.manifest["notes"]["origin"]


def empty(folder):
    folder.mkdir()


def only_an_empty_class(folder):
    (folder / "cat").mkdir(parents=True)


def no_class(folder):
    folder.mkdir()
    Image.new("L", (4, 4)).save(folder / "1.png")


def link_to_an_image(folder):
    outside = miniature.write_folder(folder.parent / "outside")
    miniature.write_folder(folder)
    (folder / "class_0" / "x.png").symlink_to(f"{outside}/class_1/001.png")


def link_to_a_folder(folder):
    outside = miniature.write_folder(folder.parent / "outside")
    miniature.write_folder(folder)
    (folder / "class_7").symlink_to(outside)


@pytest.mark.parametrize(
    "make, text",
    [
        (empty, "images` must hold a folder for each class. Received: no folder"),
        (only_an_empty_class, "in the folder of a class. Received: none"),
        (no_class, "images` must hold a folder for each class. Received: no folder"),
        (link_to_an_image, "class_0/x.png` must stay within"),
        (link_to_a_folder, "class_7` must stay within"),
    ],
)
def test_folders(tmp_path, refused, make, text):
    make(tmp_path / "images")
    assert text in refused("folder", tmp_path / "images", *IMAGES)


def test_a_small_folder_works_and_says_what_it_does(tmp_path, ended):
    folder = miniature.write_folder(tmp_path / "images", 50)
    args = ("--dataset=folder", f"--data_dir={folder}", f"--out={tmp_path / 'run'}")
    code, text, _ = ended(ingest_command.main, *args, "--set=images.size=16")
    assert code == 0
    told = "validation_count=100 is more than half of the 45 training examples: 4 are"
    assert told in text
    made = artifacts.load(str(tmp_path / "run" / "examples"), "examples")
    assert made.details["num_examples"] == {"train": 41, "validation": 4, "test": 5}


def test_a_folder_with_a_validation_set_of_its_own(tmp_path, ended):
    whole = pathlib.Path(miniature.write_folder(tmp_path / "images" / "Train", 44))
    for number, path in enumerate(sorted(whole.rglob("*.*"))[:14]):
        part = whole.parent / ("Valid" if number < 8 else "TEST") / path.parent.name
        part.mkdir(parents=True, exist_ok=True)
        path.rename(part / path.name)
    args = ("--dataset=folder", f"--data_dir={tmp_path}/images", *IMAGES)
    code, text, err = ended(ingest_command.main, *args, f"--out={tmp_path / 'run'}")
    assert code == 0, err
    assert "the validation set is the data's own, of 8 examples" in text
    made = artifacts.load(str(tmp_path / "run" / "examples"), "examples")
    assert made.details["num_examples"] == {"train": 30, "validation": 8, "test": 6}


@pytest.mark.parametrize("place", ["images", "images/run", "images/class_0/../x"])
def test_nothing_is_written_into_the_data(tmp_path, ended, place):
    folder = miniature.write_folder(tmp_path / "images")
    args = ("--dataset=folder", f"--data_dir={folder}", *IMAGES)
    before = sorted(pathlib.Path(folder).rglob("*"))
    code, _, err = ended(ingest_command.main, *args, f"--out={tmp_path / place}")
    assert code == 2 and "`--out` must be a folder outside of --data_dir" in err
    assert sorted(pathlib.Path(folder).rglob("*")) == before


def test_an_archive_whose_members_would_leave_the_folder(tmp_path, ended):
    plain = pathlib.Path(miniature.write_cifar10(tmp_path / "plain"))
    folder = tmp_path / "deep" / "archive"
    folder.mkdir(parents=True)
    with tarfile.open(folder / "cifar-10-binary.tar.gz", "w:gz") as archive:
        for path in sorted(plain.iterdir()):
            member = tarfile.TarInfo(f"../{path.name}")
            member.size = path.stat().st_size
            archive.addfile(member, io.BytesIO(path.read_bytes()))
    args = ("--dataset=cifar10", f"--data_dir={folder}", f"--out={tmp_path / 'run'}")
    code, _, _ = ended(ingest_command.main, *args, "--set=validation_count=4")
    # Members are read by name and never unpacked: there is nothing to leave.
    assert code == 0
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["archive"]
    assert [path.name for path in folder.iterdir()] == ["cifar-10-binary.tar.gz"]


def cut(path):
    path.write_bytes(path.read_bytes()[:-20])


def mislabel(path):
    import tensorflow as tf

    records = [record.numpy() for record in tf.data.TFRecordDataset(str(path))]
    example = tf.train.Example.FromString(records[3])
    example.features.feature["label"].int64_list.value[0] = 100
    records[3] = example.SerializeToString()
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in records:
            writer.write(record)


def test_record_files(tmp_path, refused):
    folder = miniature.write_tfds(tmp_path / "tfds", "cifar100")
    [path] = pathlib.Path(folder).glob("cifar100/*/*train.tfrecord*")
    whole = path.read_bytes()
    for damage, text in (
        (cut, "must hold a whole train split. Received: truncated record"),
        (mislabel, "must hold labels from 0 to 99. Received: 100 at position 3"),
    ):
        damage(path)
        assert text in refused("cifar100", folder, "--set=validation_count=4")
        path.write_bytes(whole)
