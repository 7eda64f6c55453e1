"""TensorBoard's files are whole, or there is an error: a file that may not grow."""

import contextlib
import resource

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.training import event_writer
from ebm_tf.training.callbacks import Summaries
from tests.ebm_tf.training import small


@contextlib.contextmanager
def files_of_at_most(num_bytes):
    """As a full disk, where no disk can be mounted."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def points(folder):
    return [
        (event.step, tf.make_ndarray(value.tensor).item())
        for path in folder.glob("events.*")
        for event in tf.compat.v1.train.summary_iterator(str(path))
        for value in event.summary.value
    ]


def test_points_are_there_when_the_writer_is_closed(tmp_path):
    with event_writer.writing(tmp_path, 7, ".mine"):
        tf.summary.scalar("a", np.float32(0.5))
    assert points(tmp_path) == [(7, 0.5)]
    [path] = tmp_path.iterdir()
    assert path.name.endswith(".mine")


@pytest.mark.parametrize("num_points", [3, 1000])
def test_points_that_cannot_be_written_are_an_error_that_names_the_folder(
    tmp_path, num_points
):
    # TensorFlow writes ten points at a time, and fewer only when it is asked to.
    with (
        files_of_at_most(100),
        pytest.raises(OSError) as caught,
        event_writer.writing(tmp_path, 0),
    ):
        for number in range(num_points):
            tf.summary.scalar("a", np.float32(number))
    told = f"cannot write TensorBoard's files in {tmp_path}: File too large"
    assert str(caught.value) == told


def test_an_error_of_what_is_shown_stays_what_it_is(tmp_path):
    with (
        pytest.raises(tf.errors.InvalidArgumentError),
        event_writer.writing(tmp_path, 0),
    ):
        tf.summary.scalar("a", tf.reshape(tf.zeros([3]), [2]))


def test_training_ends_by_that_error(tmp_path):
    trained = small.trainer()
    with files_of_at_most(100), pytest.raises(OSError, match="cannot write Tensor"):
        trained.fit(small.batches, [Summaries(trained, str(tmp_path / "logs"))])
