"""What there is of memory and disk, and what lacks it."""

import pathlib

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import checks, resources
from ebm_tf.resources import DISK, Need


def test_what_there_is_lies_between_nothing_and_the_machine():
    text = pathlib.Path("/proc/meminfo").read_text()
    total = int(text.partition("MemTotal:")[2].split()[0]) * 1024
    assert 0 < resources.available_memory() <= total
    assert resources.available_disk("/nowhere/at/all") == pytest.approx(
        resources.available_disk("/"), rel=0.1
    )


@pytest.mark.parametrize(
    "line, root, name",
    [
        ("4:memory:/a/b", "memory", "memory.limit_in_bytes"),
        ("0::/a/b", ".", "memory.max"),
    ],
)
def test_the_smallest_limit_of_the_control_groups_counts(
    tmp_path, monkeypatch, line, root, name
):
    for group, limit in (("a/b", "max"), ("a", "4096"), ("", "8192")):
        folder = tmp_path / root / group
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{limit}\n")
    monkeypatch.setattr(resources, "_CGROUPS", tmp_path)
    read = resources._lines
    lines = {"/proc/self/cgroup": ["1:cpu:/x", line]}
    monkeypatch.setattr(resources, "_lines", lambda p: lines.get(p) or read(p))
    assert resources.available_memory() == 4096
    with pytest.raises(checks.InvalidValueError) as caught:
        resources.require([Need("the buffer", 5000, ("capacity", "batch_size"))])
    assert str(caught.value) == (
        "the buffer needs 5,000 bytes of memory, and there are 4,096: "
        "lower `capacity` or `batch_size`"
    )


def test_the_disk_is_looked_at_where_it_is_written(tmp_path):
    needs = [Need("the samples", 2**62, ("num",), DISK)]
    with pytest.raises(checks.InvalidValueError, match="bytes of disk.*lower `num`"):
        resources.require(needs, tmp_path / "not" / "there")
    resources.require([Need("the samples", 1, ("num",), DISK)], tmp_path)


def _of_numpy():
    np.empty([2**50])


def _of_numpy_beyond_its_sizes():
    np.empty([2**40, 2**40])


def _of_tensorflow():
    tf.zeros([2**20, 2**20, 2**10])


def _of_python():
    raise MemoryError


@pytest.mark.parametrize(
    "make", [_of_numpy, _of_numpy_beyond_its_sizes, _of_tensorflow, _of_python]
)
def test_no_more_memory_is_one_line_that_names_the_setting(make):
    lowered = resources.lowered_by("train.batch_size")
    with pytest.raises(resources.OutOfMemory) as caught, lowered:
        make()
    text = str(caught.value)
    assert "there is not enough memory" in text and "\n" not in text
    assert "lower `train.batch_size`" in text


@pytest.mark.parametrize("error", [ValueError("no"), OSError("Out of memory?")])
def test_other_errors_stay_what_they_are(error):
    with pytest.raises(type(error)) as caught, resources.lowered_by("x"):
        raise error
    assert caught.value is error
