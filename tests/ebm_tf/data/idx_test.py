"""IDX files: what is whole is read exactly, what is not is refused by name."""

import gzip
import pathlib
import struct

import numpy as np
import pytest

from ebm_tf.data import idx
from tests import miniature

SHAPE = (28, 28, 1)
IMAGES = "train-images-idx3-ubyte"
LABELS = "train-labels-idx1-ubyte"


def _read(folder):
    """Reads the training split to its end."""
    split = idx.split(*idx.find(str(folder))["train"], SHAPE, 10)
    images, labels = zip(*split.chunks(), strict=True)
    return split.num_examples, np.concatenate(images), np.concatenate(labels)


@pytest.mark.parametrize("gzipped", [True, False])
def test_reads_what_was_written(tmp_path, gzipped):
    miniature.write_mnist(tmp_path, num_train=30, num_test=7, gzipped=gzipped)
    num, images, labels = _read(tmp_path)
    want_images, want_labels = miniature.digits(30, 0)
    assert num == 30
    assert (images.dtype, labels.dtype) == (np.uint8, np.int32)
    np.testing.assert_array_equal(images, want_images[..., None])
    np.testing.assert_array_equal(labels, want_labels)
    paths = idx.find(str(tmp_path))["test"]
    assert idx.split(*paths, SHAPE, 10).num_examples == 7


def test_reads_bytes_written_by_hand(tmp_path):
    # Two images of one row and three columns.
    images, labels = tmp_path / "images", tmp_path / "labels"
    images.write_bytes(
        bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 9, 8, 7, 6, 5, 4])
    )
    labels.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 1, 0]))
    split = idx.split(str(images), str(labels), (1, 3, 1), 2)
    [(got_images, got_labels)] = split.chunks()
    np.testing.assert_array_equal(got_images[..., 0], [[[9, 8, 7]], [[6, 5, 4]]])
    np.testing.assert_array_equal(got_labels, [1, 0])


def test_comes_in_chunks_and_again(tmp_path):
    pixels = np.random.default_rng(0).integers(256, size=[1030, 2, 3], dtype=np.uint8)
    images, labels = tmp_path / "images", tmp_path / "labels"
    images.write_bytes(miniature.idx_bytes(pixels))
    labels.write_bytes(miniature.idx_bytes(pixels[:, 0, 0] % 10))
    split = idx.split(str(images), str(labels), (2, 3, 1), 10)
    for _ in range(2):
        read = list(split.chunks())
        assert [len(chunk[1]) for chunk in read] == [1024, 6]
        got = np.concatenate([chunk[0] for chunk in read])
        np.testing.assert_array_equal(got[..., 0], pixels)


@pytest.mark.parametrize("name", [IMAGES, LABELS])
def test_the_content_says_whether_it_is_gzipped(tmp_path, name):
    # A browser unpacks a download and keeps the name; a user renames.
    miniature.write_mnist(tmp_path)
    path = tmp_path / (name + ".gz")
    path.write_bytes(gzip.decompress(path.read_bytes()))
    assert _read(tmp_path)[0] == 64


def _header(num, *rest):
    return struct.pack(f">BBBB{1 + len(rest)}I", 0, 0, 8, 1 + len(rest), num, *rest)


def _cut(content):
    return content[:-1]


DAMAGE = [
    (IMAGES, _cut, "must hold 50176 bytes after its header. Received: 50175"),
    (LABELS, _cut, "must hold 64 bytes after its header. Received: 63"),
    (
        IMAGES,
        lambda c: c + b"\0",
        "must end 50176 bytes after its header. Received: more bytes",
    ),
    (
        LABELS,
        lambda c: c + b"\0",
        "must end 64 bytes after its header. Received: more bytes",
    ),
    (
        IMAGES,
        lambda c: b"\0\0\x08\x01" + c[4:],
        "must start with the IDX magic number 2051. Received: 2049",
    ),
    (
        LABELS,
        lambda c: b"\x89PNG" + c[4:],
        "must start with the IDX magic number 2049. Received: 2303741511",
    ),
    (
        IMAGES,
        lambda c: b"",
        "must start with the IDX magic number 2051. Received: 0 bytes",
    ),
    (IMAGES, lambda c: c[:9], "must give 3 dimensions. Received: 5 bytes"),
    (
        IMAGES,
        lambda c: _header(64, 28, 27) + c[16:],
        "must hold images of (28, 28) pixels. Received: (28, 27)",
    ),
    (
        IMAGES,
        lambda c: _header(2**32 - 1, 28, 28) + c[16:],
        None,  # Labels disagree first.
    ),
    (
        IMAGES,
        lambda c: _header(0, 28, 28),
        "must hold at least one image. Received: 0",
    ),
    (
        LABELS,
        lambda c: _header(63) + c[8:-1],
        f"must hold one label for each of the 64 images of {IMAGES}. "
        "Received: 63 labels",
    ),
    (
        LABELS,
        lambda c: c[:18] + b"\x0a" + c[19:],
        "must hold labels from 0 to 9. Received: 10 at position 10",
    ),
]


@pytest.mark.parametrize(("name", "damage", "rule"), DAMAGE)
def test_refuses_a_damaged_file(tmp_path, name, damage, rule):
    miniature.write_mnist(tmp_path, gzipped=False)
    path = tmp_path / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError) as caught:
        _read(tmp_path)
    line = str(caught.value)
    assert "\n" not in line
    if rule is None:
        rule, path = "Received: 64 labels", tmp_path / LABELS
        assert line.endswith(rule)
    else:
        assert line == f"`{path}` {rule}"


@pytest.mark.parametrize("name", [IMAGES, LABELS])
@pytest.mark.parametrize(
    "damage",
    [
        lambda c: c[:-9],  # Within the data.
        lambda c: c[:-4],  # Within the trailer.
        lambda c: c[:-8] + bytes([c[-8] ^ 1]) + c[-7:],  # The checksum.
        lambda c: c[:12] + b"\xff\xff\xff" + c[15:],  # No such deflate block.
        lambda c: c + b"rubbish",
        lambda c: c[:5],
    ],
)
def test_refuses_a_damaged_gzip_stream(tmp_path, name, damage):
    miniature.write_mnist(tmp_path)
    path = tmp_path / (name + ".gz")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError) as caught:
        _read(tmp_path)
    line = str(caught.value)
    assert line.startswith(f"`{path}` must be a whole gzip file. Received: ")
    assert "\n" not in line


def test_names_the_missing_file(tmp_path):
    miniature.write_mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(FileNotFoundError) as caught:
        idx.find(str(tmp_path))
    path = tmp_path / "t10k-labels-idx1-ubyte"
    assert str(caught.value) == f"The file does not exist, gzipped or not: {path}"


def test_refuses_what_it_may_not_read(tmp_path):
    folder = tmp_path / IMAGES
    folder.mkdir()
    with pytest.raises(ValueError) as caught:
        idx.split(str(folder), str(folder), SHAPE, 10)
    rule = "must be a regular file. Received: a folder"
    assert str(caught.value) == f"`{folder}` {rule}"


def test_memory_does_not_follow_the_header(tmp_path):
    # Four billion images are promised; only what is there is ever read.
    images, labels = tmp_path / "images", tmp_path / "labels"
    images.write_bytes(_header(2**32 - 1, 28, 28) + bytes(784))
    labels.write_bytes(_header(2**32 - 1) + bytes(1))
    split = idx.split(str(images), str(labels), SHAPE, 10)
    with pytest.raises(ValueError, match="must hold .* bytes after its header"):
        next(split.chunks())
    assert pathlib.Path(images).stat().st_size == 800
