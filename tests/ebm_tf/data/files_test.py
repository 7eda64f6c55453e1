"""Files of others: what they hold, and one line when they cannot be read."""

import gzip
import hashlib

import pytest

from ebm_tf.data import files


def test_sha256(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    # The example of FIPS 180-2.
    assert files.sha256(path) == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    path.write_bytes(b"0123456789" * 300_000)
    assert files.sha256(path) == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["x", "x.gz"])
def test_unpacked(tmp_path, name):
    path = tmp_path / name
    for content in (b"", b"a", b"plain" * 1000):
        path.write_bytes(content)
        with files.unpacked(path) as stream:
            assert stream.read() == content
        path.write_bytes(gzip.compress(content))
        with files.unpacked(path) as stream:
            assert stream.read() == content
        files.read_through(path)


def test_a_cut_stream(tmp_path):
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(b"plain" * 1000)[:-1])
    with pytest.raises(ValueError, match="must be a whole gzip file. Received: "):
        files.read_through(path)


def test_no_such_file(tmp_path):
    for read in (files.sha256, files.read_through):
        with pytest.raises(FileNotFoundError) as caught:
            read(tmp_path / "x")
        assert str(caught.value) == f"The file does not exist: {tmp_path / 'x'}"


def test_a_refusal_is_one_line():
    with pytest.raises(ValueError) as caught:
        files.refuse("a/b", "be short", "one\n  two\n")
    assert str(caught.value) == "`a/b` must be short. Received: one two"
