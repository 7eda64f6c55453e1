"""Arrays that grow on the disk, and go on after an interruption."""

import contextlib
import os
import re
import resource

import numpy as np
import pytest

from pipeline.stages.sample.files import SampleFiles
from pipeline.store.unfinished import PROGRESS

ARRAYS = {"samples": (np.uint8, (2,)), "energies": (np.float32, ())}


def rows(first, num):
    count = np.arange(first, first + num)
    return {"samples": np.stack([count, count], 1), "energies": count / 2.0}


def test_rows_come_one_batch_after_another_and_the_last_is_cut(tmp_path):
    files = SampleFiles(str(tmp_path), 5, ARRAYS)
    for first in (0, 3):
        files.append(**rows(first, 3))
    assert files.num_done == 5
    np.testing.assert_array_equal(files.load("samples")[:, 1], np.arange(5))
    np.testing.assert_array_equal(files.load("energies"), np.arange(5) / 2.0)
    assert files.load("samples").dtype == np.uint8
    assert sorted(os.listdir(tmp_path)) == ["energies.npy", PROGRESS, "samples.npy"]


def test_another_one_goes_on_where_the_first_stopped(tmp_path):
    first = SampleFiles(str(tmp_path), 5, ARRAYS)
    first.note(step_size=0.25)
    first.append(**rows(0, 2))
    second = SampleFiles(str(tmp_path), 5, ARRAYS)
    assert second.num_done == 2 and second.found == {"step_size": 0.25}
    second.append(**rows(2, 3))
    np.testing.assert_array_equal(second.load("energies"), np.arange(5) / 2.0)


def test_what_is_not_noted_does_not_count(tmp_path):
    files = SampleFiles(str(tmp_path), 4, ARRAYS)
    files.append(**rows(0, 2))
    note = (tmp_path / PROGRESS).read_text()
    files.append(**rows(2, 2))
    (tmp_path / PROGRESS).write_text(note)  # as if killed before the note
    assert SampleFiles(str(tmp_path), 4, ARRAYS).num_done == 2


def test_every_array_gets_rows(tmp_path):
    files = SampleFiles(str(tmp_path), 4, ARRAYS)
    with pytest.raises(KeyError):
        files.append(samples=np.zeros([2, 2]))


@contextlib.contextmanager
def limited(size):
    """Within the block no file grows beyond `size`: a write fails as on a full disk.

    The test's own report is a file too, perhaps a larger one: no longer than needed.
    """
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_disk_without_room_for_all_takes_nothing(tmp_path):
    full = pytest.raises(OSError, match=re.escape(f"{tmp_path}/samples.npy"))
    with full, limited(500):
        SampleFiles(str(tmp_path), 10_000, ARRAYS)
    assert os.listdir(tmp_path) == []
    SampleFiles(str(tmp_path), 20, ARRAYS)  # the corrected request


def test_a_disk_that_is_full_later_is_an_error_with_the_path(tmp_path):
    files = SampleFiles(str(tmp_path), 200, ARRAYS)
    files.append(**rows(0, 2))
    full = pytest.raises(OSError, match=re.escape(f"{tmp_path}/samples.npy"))
    with full, limited(300):
        files.append(**rows(2, 198))
    again = SampleFiles(str(tmp_path), 200, ARRAYS)
    assert again.num_done == 2
    again.append(**rows(2, 198))
    np.testing.assert_array_equal(again.load("energies"), np.arange(200) / 2.0)


def test_the_room_is_taken_at_once(tmp_path):
    """A sparse file would find out when it is too late."""
    SampleFiles(str(tmp_path), 100_000, ARRAYS)
    for name, size in (("samples", 200_000), ("energies", 400_000)):
        found = os.stat(tmp_path / f"{name}.npy")
        assert found.st_size - 128 == size and found.st_blocks * 512 >= size
