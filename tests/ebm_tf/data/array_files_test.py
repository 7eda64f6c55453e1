"""Arrays from files: whole, of numbers, and nothing after them."""

import io
import pickle
import zipfile

import numpy as np
import pytest

from ebm_tf.data import array_files

ROWS = np.arange(12, dtype=np.float32).reshape(4, 3)


def message(ask, *args) -> str:
    with pytest.raises(ValueError) as caught:
        ask(*args)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("order", ["C", "F"])
def test_round_trip(tmp_path, order):
    rows = np.asarray(ROWS, order=order)
    np.save(tmp_path / "a.npy", rows)
    np.testing.assert_array_equal(array_files.open_npy(str(tmp_path / "a.npy")), ROWS)
    np.savez_compressed(tmp_path / "a.npz", train=rows, test=ROWS[:2])
    found = array_files.read_npz(str(tmp_path / "a.npz"))
    assert sorted(found) == ["test", "train"]
    np.testing.assert_array_equal(found["train"], ROWS)


def test_what_is_no_npy_file(tmp_path):
    path = tmp_path / "train.npy"
    path.write_bytes(pickle.dumps([1, 2]))
    assert "must be a .npy file, no pickle. Received: a file of" in message(
        array_files.open_npy, str(path)
    )
    np.savez(tmp_path / "a.npz", train=ROWS)
    path.write_bytes((tmp_path / "a.npz").read_bytes())
    assert message(array_files.open_npy, str(path)).endswith(
        "must be a .npy file. Received: a ZIP archive: call it data.npz"
    )
    np.save(path, np.array([{}, None], object), allow_pickle=True)
    assert "must be a whole .npy file of numbers, no pickle" in message(
        array_files.open_npy, str(path)
    )
    path.write_bytes(b"")
    assert "must be a .npy file" in message(array_files.open_npy, str(path))
    with pytest.raises(FileNotFoundError):
        array_files.open_npy(str(tmp_path / "none.npy"))


def test_a_file_ends_where_its_array_ends(tmp_path):
    path = tmp_path / "train.npy"
    np.save(path, ROWS)
    whole = path.read_bytes()
    path.write_bytes(whole + b"x")
    size = len(whole)
    assert message(array_files.open_npy, str(path)) == (
        f"`{path}` must end after {size} bytes. Received: {size + 1}"
    )
    path.write_bytes(whole[:-1])
    assert "must be a whole .npy file" in message(array_files.open_npy, str(path))


def npz(path, content: bytes) -> str:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("train.npy", content)
    return str(path)


def test_what_is_no_npz_file(tmp_path):
    path = tmp_path / "data.npz"
    stream = io.BytesIO()
    np.save(stream, ROWS)
    whole = stream.getvalue()
    for content, rule in (
        (whole + b"x", "must hold 48 bytes after its header. Received: 49"),
        (whole[:-1], "must hold 48 bytes after its header. Received: 47"),
        (pickle.dumps([1]), "must be a .npy array"),
        (whole[:20], "must be a .npy array"),
    ):
        text = message(array_files.read_npz, npz(path, content))
        assert text.startswith(f"`{path}:train` ") and rule in text
    stream = io.BytesIO()
    np.save(stream, np.array([{}], object), allow_pickle=True)
    text = message(array_files.read_npz, npz(path, stream.getvalue()))
    assert "must hold numbers, no pickle. Received: an array of object" in text
    path.write_bytes(b"PK")
    assert "must be a whole ZIP archive, such as a .npz file" in message(
        array_files.read_npz, str(path)
    )


@pytest.mark.parametrize(
    "array, text",
    [
        (np.zeros([3, 2], np.int64), "must hold uint8 (levels) or floats; convert"),
        (np.zeros([3, 2], bool), "must hold uint8 (levels) or floats; convert"),
        (np.zeros([3, 2], complex), "must hold uint8 (levels) or floats; convert"),
        (np.zeros(3), "must hold [n, ...]: a row for each example, of one number"),
        (np.zeros([3, 0]), "must hold [n, ...]: a row for each example"),
        (np.zeros([1, 2]), "must hold two rows or more. Received: shape (1, 2)"),
        (np.zeros([0, 2]), "must hold [n, ...]"),
    ],
)
def test_arrays_that_are_no_examples(array, text):
    assert text in message(array_files.require_numbers, "x.npy", array)


def test_arrays_that_are_examples():
    for dtype in (np.uint8, np.float16, np.float32, np.float64):
        array_files.require_numbers("x.npy", np.zeros([2, 1], dtype))


def test_the_place_of_a_wrong_number_is_named():
    states = np.zeros([4, 2, 3], np.float32)
    array_files.require_within("x.npy", states, 10, 0.0, 1.0)
    states[2, 1, 0] = np.nan
    ask = array_files.require_within
    assert message(ask, "x.npy", states, 10, 0.0, 1.0) == (
        "`x.npy` must hold finite numbers. Received: nan at [12, 1, 0]"
    )
    states[2, 1, 0] = 1.5
    assert message(ask, "x.npy", states, 10, 0.0, 1.0) == (
        "`x.npy` must lie within [0.0, 1.0]. Received: 1.5 at [12, 1, 0]"
    )
