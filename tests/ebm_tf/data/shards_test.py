"""Shards: what comes out is what went in, in any order, in flat memory."""

import json
import threading
import tracemalloc

import numpy as np
import pytest

from ebm_tf import checks
from ebm_tf.data import shards
from ebm_tf.data.shards import Examples, write_split

SHAPE = (4, 3, 2)


def _examples(num, seed=0):
    rng = np.random.default_rng(seed)
    images = rng.integers(256, size=[num, *SHAPE], dtype=np.uint8)
    return images, rng.integers(10, size=num, dtype=np.int32)


def _chunks(images, labels, *sizes):
    start = 0
    for size in sizes:
        yield images[start : start + size], labels[start : start + size]
        start += size
    assert start == len(labels)


@pytest.fixture
def folder(tmp_path):
    """23 examples in shards of 5."""
    path = tmp_path / "train"
    write_split(str(path), _chunks(*_examples(23), 23), 5)
    return path


def _refusal(folder):
    with pytest.raises(checks.InputError) as caught:
        Examples(str(folder))
    line = str(caught.value)
    assert "\n" not in line
    return line


@pytest.mark.parametrize("shard_size", [1, 4, 5, 23, 100])
@pytest.mark.parametrize("sizes", [(23,), (1, 2, 20), (10, 0, 13), (5, 5, 5, 5, 3)])
def test_round_trip(tmp_path, shard_size, sizes):
    images, labels = _examples(23)
    folder = str(tmp_path / "train")
    assert write_split(folder, _chunks(images, labels, *sizes), shard_size, 23) == 23
    examples = Examples(folder)
    assert (examples.num_examples, examples.shape) == (23, SHAPE)
    np.testing.assert_array_equal(examples.labels, labels)
    got_images, got_labels = examples.gather(np.arange(23))
    np.testing.assert_array_equal(got_images, images)
    np.testing.assert_array_equal(got_labels, labels)
    assert (got_images.dtype, got_labels.dtype) == (np.uint8, np.int32)


@pytest.mark.parametrize(
    "indices",
    [
        [22],
        [0, 0, 0],
        [22, 0, 4, 5, 9, 10],
        [3, 4, 5, 6, 11, 10, 12, 13],
        [7, 6, 5, 4],
        [],
    ],
)
def test_gather_in_any_order(folder, indices):
    images, labels = _examples(23)
    got_images, got_labels = Examples(str(folder)).gather(np.array(indices, int))
    np.testing.assert_array_equal(got_images, images[indices])
    np.testing.assert_array_equal(got_labels, labels[indices])


def test_gather_at_random(folder):
    images, labels = _examples(23)
    examples, rng = Examples(str(folder)), np.random.default_rng(1)
    for _ in range(50):
        indices = rng.integers(23, size=rng.integers(1, 60))
        got_images, got_labels = examples.gather(indices)
        np.testing.assert_array_equal(got_images, images[indices])
        np.testing.assert_array_equal(got_labels, labels[indices])


def test_all_in_order(folder):
    chunks = list(Examples(str(folder)).chunks(7))
    assert [len(labels) for _, labels in chunks] == [7, 7, 7, 2]
    np.testing.assert_array_equal(
        np.concatenate([images for images, _ in chunks]), _examples(23)[0]
    )


@pytest.mark.parametrize("index", [-1, 23])
def test_gather_out_of_range(folder, index):
    with pytest.raises(ValueError, match=r"`indices` must be in \[0, 23\)"):
        Examples(str(folder)).gather(np.array([0, index]))


def test_same_bytes_every_time(folder, tmp_path):
    other = tmp_path / "other"
    write_split(str(other), _chunks(*_examples(23), 2, 21), 5)
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in other.iterdir())
    assert len(names) == 11
    for name in names:
        assert (folder / name).read_bytes() == (other / name).read_bytes()


def test_sequences_with_labels_of_numbers(tmp_path):
    draw = np.random.default_rng(0)
    states = draw.random([7, 5, 3], np.float32)
    labels = draw.random([7, 2], np.float32)
    halves = [(states[:4], labels[:4]), (states[4:], labels[4:])]
    write_split(str(tmp_path / "a"), halves, 3)
    examples = Examples(str(tmp_path / "a"))
    assert examples.shape == (5, 3) and examples.dtype == np.float32
    got = examples.gather(np.asarray([6, 0, 3]))
    np.testing.assert_array_equal(got[0], states[[6, 0, 3]])
    np.testing.assert_array_equal(got[1], labels[[6, 0, 3]])


def test_memory_is_flat(tmp_path):
    def peak(num, folder):
        image = np.zeros([50, 32, 32, 3], np.uint8)
        label = np.zeros([50], np.int32)
        tracemalloc.start()
        write_split(folder, ((image, label) for _ in range(num // 50)), 200)
        examples = Examples(folder)
        for _ in examples.chunks(100):
            pass
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(200, str(tmp_path / "first"))  # What is made once is made now.
    # One shard that is filled, two on their way to the disk, a chunk.
    bound = 3.5 * 200 * 32 * 32 * 3
    for num in (1000, 4000):
        assert peak(num, str(tmp_path / str(num))) < bound
    assert 4000 * 32 * 32 * 3 > 5 * bound  # Holding all of it would show.


def test_two_shards_are_written_at_a_time(tmp_path, monkeypatch):
    # A writer waits for the other: one alone would wait for ever.
    write, meeting = shards._write, threading.Barrier(2)

    def write_together(*args):
        meeting.wait()
        write(*args)

    monkeypatch.setattr(shards, "_write", write_together)
    chunk = np.zeros([8, 2, 2, 1], np.uint8), np.zeros([8], np.int32)
    assert write_split(str(tmp_path), [chunk], shard_size=2) == 8
    assert Examples(str(tmp_path)).num_examples == 8


def test_only_into_an_empty_folder(folder):
    with pytest.raises(ValueError, match="`folder` must be empty"):
        write_split(str(folder), _chunks(*_examples(3), 3), 5)


@pytest.mark.parametrize(
    ("chunks", "num", "line"),
    [
        ([], None, "`chunks` must be at least one example. Received: chunks=0"),
        ([_examples(3)], 4, "`chunks` must be 4 examples. Received: chunks=3"),
        (
            [(_examples(3)[0] / 255.0, _examples(3)[1])],
            None,
            r"must be uint8 or float32 \[n, ...\], and int32.* Received: .*float64",
        ),
        (
            [(_examples(3)[0], _examples(2)[1])],
            None,
            r"Received: .*\(3, 4, 3, 2\), labels int32\(2,\)",
        ),
        (
            [_examples(3), (_examples(3)[0][:, :2], _examples(3)[1])],
            None,
            r"Received: .*\(3, 2, 3, 2\)",
        ),
    ],
)
def test_refuses_chunks(tmp_path, chunks, num, line):
    with pytest.raises(ValueError, match=line):
        write_split(str(tmp_path / "train"), chunks, 5, num)
    assert not (tmp_path / "train" / "index.json").exists()


def test_no_index(folder, tmp_path):
    (folder / "index.json").unlink()
    path = folder / "index.json"
    assert _refusal(folder) == f"The file does not exist: {path}"
    assert "does not exist" in _refusal(tmp_path / "none")


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("{", "is not JSON"),
        ("[]", "must hold one JSON object"),
        ('{"num_examples": 1}', "must have the fields num_examples, shape, shard_size"),
    ],
)
def test_damaged_index(folder, content, rule):
    (folder / "index.json").write_text(content)
    assert rule in _refusal(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"num_examples": 22},
        {"num_examples": 24},
        {"num_examples": 28},
        {"num_examples": -1},
        {"num_examples": "23"},
        {"shard_size": 4},
        {"shard_size": 0},
        {"shape": [4, 3, 1]},
        {"shape": 4},
        {"shape": [4, 3, "2"]},
    ],
)
def test_index_and_shards_disagree(folder, changes):
    path = folder / "index.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    assert _refusal(folder)


@pytest.mark.parametrize("name", ["images-00002.npy", "labels-00002.npy"])
def test_missing_shard(folder, name):
    (folder / name).unlink()
    assert _refusal(folder) == f"The file does not exist: {folder / name}"


@pytest.mark.parametrize("name", ["images-00002.npy", "labels-00002.npy"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda c: c[:-1],
        lambda c: c[:100],
        lambda c: b"",
        lambda c: c + b"\0",
        lambda c: b"\x93PICKLE" + c[7:],
    ],
)
def test_damaged_shard(folder, name, damage):
    path = folder / name
    path.write_bytes(damage(path.read_bytes()))
    assert _refusal(folder).startswith(f"`{path}` must ")


def test_a_pickle_is_never_opened(folder):
    path = folder / "labels-00000.npy"
    np.save(path, np.array([{}] * 5, object), allow_pickle=True)
    assert _refusal(folder).startswith(
        f"`{path}` must be a whole .npy file of numbers, no pickle."
    )


def test_a_shard_cut_while_in_use(folder):
    examples = Examples(str(folder))
    path = folder / "images-00001.npy"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError) as caught:
        examples.gather(np.array([9]))
    assert str(caught.value) == f"`{path}` must hold 5 images. Received: fewer"
