"""Tensors in torch's old files, and what is refused before anything of it is run."""

import os
import pickle
import struct

import numpy as np
import pytest

from ebm_tf.metrics import torch_files
from tests.golden import efficientnet_inputs

TENSORS = {
    "first.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "first.bias": np.array([-1.5, 2.5], np.float32),
    "scale": np.array(7.0, np.float32),
}


def written(folder, tensors=TENSORS):
    efficientnet_inputs.write(folder / "weights.pth", tensors)
    return folder / "weights.pth"


def refusal(path) -> str:
    with pytest.raises(ValueError) as caught:
        torch_files.read_tensors(path, "weights")
    text = str(caught.value)
    assert "\n" not in text and text.startswith(f"{path} holds no weights that can be")
    return text


def test_tensors_come_back_as_they_were_written(tmp_path):
    found = torch_files.read_tensors(written(tmp_path), "weights")
    assert list(found) == list(TENSORS)
    for name, array in TENSORS.items():
        assert found[name].dtype == np.float32
        np.testing.assert_array_equal(found[name], array)


def test_numbers_in_another_order_are_put_in_order(tmp_path):
    # As of a transposed view: shape (3, 4), strides (1, 3).
    path = written(tmp_path, {"x": np.arange(12, dtype=np.float32).reshape(3, 4)})
    content = path.read_bytes()
    strides = [b"J" + struct.pack("<i", step) for step in (4, 1, 1, 3)]
    assert content.count(strides[0] + strides[1]) == 1
    path.write_bytes(content.replace(strides[0] + strides[1], strides[2] + strides[3]))
    found = torch_files.read_tensors(path, "weights")["x"]
    np.testing.assert_array_equal(found, np.arange(12).reshape(4, 3).T)


@pytest.mark.parametrize("step", [-1, 1000, 2**31 - 1])
def test_a_tensor_beyond_its_storage_is_refused(step, tmp_path):
    path = written(tmp_path, {"x": np.zeros([3, 4], np.float32)})
    old, new = (b"J" + struct.pack("<i", each) for each in (4, step))
    place = path.read_bytes().rindex(old)
    content = path.read_bytes()
    path.write_bytes(content[:place] + new + content[place + len(old) :])
    assert "a tensor is beyond its storage" in refusal(path)


def test_a_file_that_is_cut_anywhere_is_refused(tmp_path):
    content = written(tmp_path).read_bytes()
    path = tmp_path / "cut.pth"
    for length in range(len(content)):
        path.write_bytes(content[:length])
        refusal(path)
    path.write_bytes(content + b"\0")
    assert "there is more after its last tensor" in refusal(path)


class Runs:
    """Pickled, it asks for a function to be called."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (str(self.mark),)


def with_object(folder, found) -> str:
    """Writes a file whose object is what pickle makes of anything."""
    content = written(folder, {}).read_bytes()
    ending = content.index(b"ccollections") - 2
    path = folder / "hostile.pth"
    path.write_bytes(content[:ending] + found + pickle.dumps([], 2))
    return path


def test_no_code_is_run(tmp_path):
    mark = tmp_path / "ran"
    text = refusal(with_object(tmp_path, pickle.dumps(Runs(mark), 2)))
    assert "it asks for" in text and "mkdir" in text
    assert not mark.exists()
    pickle.loads(pickle.dumps(Runs(mark), 2))  # whereas pickle would have
    assert mark.exists()


@pytest.mark.parametrize(
    "program, text",
    [
        (b"\x80\x02ctorch\nload\n)R.", "it asks for torch load"),
        (b"\x80\x02ctorch\nFloatStorage\n)R.", "it calls torch FloatStorage"),
        (b"\x80\x02]q\x00h\x00a.", "it holds no dict"),  # a list of itself
        (b"\x80\x02}X\x01\x00\x00\x00xK\x01s.", "it holds more than tensors"),
        (b"\x80\x02r\xff\xff\xff\x7f.", "IndexError"),  # would fill the memory
        (b"\x80\x02\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.", "that can be read"),
        (b"\x80\x02(((t.", "it holds no dict"),
        (b"\x80\x02h\x05.", "KeyError"),
        (b"\x80\x02t.", "that can be read"),
        (b"\x80\x02Q.", "that can be read"),
        (b"\x80\x02\x93.", "it asks for STACK_GLOBAL"),
        (b"\x80\x02o.", "it asks for OBJ"),
        (b"\x80\x02ios\nsystem\n.", "it asks for INST"),
    ],
)
def test_other_programs_are_refused(program, text, tmp_path):
    assert text in refusal(with_object(tmp_path, program))


def test_files_of_another_kind_are_refused(tmp_path):
    for content in (
        b"",
        b"PK\x03\x04" + bytes(100),
        pickle.dumps({}, 2),
        b"\x80\x05N.",
    ):
        (tmp_path / "other.pth").write_bytes(content)
        refusal(tmp_path / "other.pth")
    with pytest.raises(FileNotFoundError):
        torch_files.read_tensors(tmp_path / "none.pth", "weights")
