"""CIFAR-10's binary version, from files, from its archive, and damaged."""

import io
import pickle
import tarfile

import numpy as np
import pytest

from ebm_tf.data import cifar_binary
from tests import miniature

NAMES = miniature.CIFAR10_CLASSES


def _read(path):
    splits = cifar_binary.splits(cifar_binary.find(str(path)), NAMES)
    read = {}
    for name, split in splits.items():
        images, labels = zip(*split.chunks(), strict=True)
        read[name] = np.concatenate(images), np.concatenate(labels)
        assert len(read[name][1]) == split.num_examples
    return read


def _refusal(path):
    with pytest.raises((ValueError, FileNotFoundError)) as caught:
        _read(path)
    line = str(caught.value)
    assert "\n" not in line
    return line


@pytest.mark.parametrize("archived", [True, False])
def test_reads_what_was_written(tmp_path, archived):
    miniature.write_cifar10(tmp_path, num_train=23, num_test=4, archived=archived)
    read = _read(tmp_path)
    for name, (num, seed) in {"train": (23, 0), "test": (4, 1)}.items():
        images, labels = miniature.textures(num, seed)
        np.testing.assert_array_equal(read[name][0], images)
        np.testing.assert_array_equal(read[name][1], labels)
        assert read[name][0].dtype == np.uint8
        assert read[name][1].dtype == np.int32


def test_planes_are_red_green_blue_by_rows(tmp_path):
    miniature.write_cifar10(tmp_path, num_train=5, num_test=1)
    planes = np.zeros([3, 32, 32], np.uint8)
    planes[0, 0, 1], planes[1, 1, 0], planes[2, 31, 31] = 10, 20, 30
    (tmp_path / "test_batch.bin").write_bytes(b"\x07" + planes.tobytes())
    images, labels = _read(tmp_path)["test"]
    assert labels.tolist() == [7]
    assert images[0, 0, 1].tolist() == [10, 0, 0]
    assert images[0, 1, 0].tolist() == [0, 20, 0]
    assert images[0, 31, 31].tolist() == [0, 0, 30]
    assert images.sum() == 60


def test_archive_and_files_give_the_same(tmp_path):
    one = _read(miniature.write_cifar10(tmp_path / "one", archived=True))
    two = _read(miniature.write_cifar10(tmp_path / "two" / cifar_binary.FOLDER))
    for name in ("train", "test"):
        np.testing.assert_array_equal(one[name][0], two[name][0])
        np.testing.assert_array_equal(one[name][1], two[name][1])


def test_where_it_looks(tmp_path):
    miniature.write_cifar10(tmp_path / "a", archived=True)
    miniature.write_cifar10(tmp_path / "b" / cifar_binary.FOLDER)
    assert "train" in _read(tmp_path / "a" / cifar_binary.ARCHIVE)
    assert "train" in _read(tmp_path / "b")
    assert "train" in _read(tmp_path / "b" / cifar_binary.FOLDER)


def test_a_file_is_missing(tmp_path):
    miniature.write_cifar10(tmp_path)
    (tmp_path / "data_batch_4.bin").unlink()
    path = tmp_path / "data_batch_4.bin"
    assert _refusal(tmp_path) == f"The file does not exist: {path}"


def test_nothing_is_there(tmp_path):
    path = tmp_path / cifar_binary.ARCHIVE
    assert _refusal(tmp_path) == f"The file does not exist: {path}"


def test_a_cut_file(tmp_path):
    miniature.write_cifar10(tmp_path)
    path = tmp_path / "data_batch_2.bin"
    path.write_bytes(path.read_bytes()[:-1])
    rule = "must hold records of 3073 bytes. Received: 30729 bytes"
    assert _refusal(tmp_path) == f"`{path}` {rule}"
    path.write_bytes(b"")
    assert _refusal(tmp_path).endswith("of 3073 bytes. Received: 0 bytes")


def test_a_label_out_of_range(tmp_path):
    miniature.write_cifar10(tmp_path)
    path = tmp_path / "data_batch_3.bin"
    content = bytearray(path.read_bytes())
    content[3073 * 6] = 10
    path.write_bytes(content)
    rule = "must hold labels from 0 to 9. Received: 10 at position 6"
    assert _refusal(tmp_path) == f"`{path}` {rule}"


def test_other_classes(tmp_path):
    miniature.write_cifar10(tmp_path)
    path = tmp_path / "batches.meta.txt"
    path.write_text("apple\nbaby\n")
    assert _refusal(tmp_path).startswith(f"`{path}` must name airplane automobile")
    path.unlink()
    assert "train" in _read(tmp_path)


def test_the_python_version_is_never_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    (folder / "data_batch_1").write_bytes(pickle.dumps(Trap()))
    line = _refusal(tmp_path)
    assert line == (
        f"`{tmp_path}` must hold the binary version, cifar-10-binary.tar.gz. "
        "Received: cifar-10-batches-py"
    )
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_cut_archive(tmp_path, share):
    miniature.write_cifar10(tmp_path, archived=True)
    path = tmp_path / cifar_binary.ARCHIVE
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    assert _refusal(tmp_path).startswith(f"`{path}` must be a whole gzip file.")


def test_a_file_that_is_no_archive(tmp_path):
    path = tmp_path / cifar_binary.ARCHIVE
    path.write_bytes(b"<html>404</html>")
    assert _refusal(tmp_path).startswith(f"`{path}` must be a whole tar archive.")


def test_an_archive_without_a_batch(tmp_path):
    path = _archive(tmp_path, {"data_batch_1.bin": bytes(3073)})
    rule = "must hold records of 3073 bytes. Received: 0 bytes"
    assert _refusal(tmp_path) == f"`{path}:data_batch_2.bin` {rule}"


def test_an_archive_that_points_outside(tmp_path):
    # A path is only ever a name here, and a link is never followed.
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(3073))
    batches = {f"../../data_batch_{k}.bin": bytes(3073) for k in range(1, 6)}
    inside = tmp_path / "deep" / "inside"
    inside.mkdir(parents=True)
    path = _archive(inside, batches, links={"test_batch.bin": str(secret)})
    rule = "must hold records of 3073 bytes. Received: 0 bytes"
    assert _refusal(inside) == f"`{path}:test_batch.bin` {rule}"
    assert [each.name for each in inside.iterdir()] == [path.name]


def _archive(folder, contents, links=()):
    path = folder / cifar_binary.ARCHIVE
    with tarfile.open(path, "w:gz") as archive:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for name in links:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, links[name]
            archive.addfile(member)
    return path
