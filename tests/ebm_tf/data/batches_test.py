"""Batches are a function of seed and update, and no example is forgotten."""

import itertools
import threading

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.data.batches import batches, update_indices
from ebm_tf.data.shards import Examples, write_split

NUM = 10


@pytest.fixture
def examples(tmp_path):
    """Ten examples in shards of three; pixel and label say which is which."""
    labels = np.arange(NUM, dtype=np.int32)
    images = np.tile(labels.astype(np.uint8)[:, None, None, None], [1, 2, 2, 1])
    write_split(str(tmp_path / "train"), [(images, labels)], 3)
    return Examples(str(tmp_path / "train"))


def _labels(examples, seed, batch_size, first, last):
    data = batches(examples, seed, batch_size)(first, last)
    return [labels.numpy().tolist() for _, labels in data]


@pytest.mark.parametrize("batch_size", [1, 3, 4, 7, 10])
def test_every_epoch_has_every_example_once(examples, batch_size):
    # Updates that make up a whole number of epochs, though most straddle two.
    num_updates = NUM * 3
    read = _labels(examples, 0, batch_size, 0, num_updates)
    assert [len(batch) for batch in read] == [batch_size] * num_updates
    epochs = np.reshape(list(itertools.chain(*read)), [-1, NUM])
    assert len(epochs) == 3 * batch_size
    np.testing.assert_array_equal(np.sort(epochs), [np.arange(NUM)] * len(epochs))
    # Ten factorial orders: not twice the same but once in 3.6 million.
    assert len(np.unique(epochs, axis=0)) == len(epochs)


def test_images_go_with_their_labels(examples):
    for images, labels in batches(examples, 0, 4)(0, 5):
        assert images.shape == (4, 2, 2, 1)
        assert (images.dtype, labels.dtype) == (tf.uint8, tf.int32)
        np.testing.assert_array_equal(images[:, 1, 0, 0], labels)


def test_shapes_are_known_to_a_graph(examples):
    images, labels = batches(examples, 0, 4)(0, 5).element_spec
    assert images.shape == [4, 2, 2, 1]
    assert labels.shape == [4]


def test_a_resumed_run_sees_the_same(examples):
    whole = _labels(examples, 5, 4, 0, 12)
    for first in (1, 7, 11):
        assert _labels(examples, 5, 4, first, 12) == whole[first:]
    assert _labels(examples, 5, 4, 12, 12) == []


def test_the_indices_of_an_update_are_what_it_gets(examples):
    read = _labels(examples, 3, 4, 0, 6)
    for update, batch in enumerate(read):
        assert update_indices(update, 3, 4, NUM).numpy().tolist() == batch


def test_two_batches_are_read_at_a_time(examples):
    # A reader waits for the other: one alone would wait for ever.
    meeting = threading.Barrier(2)

    class Together:
        num_examples, shape = examples.num_examples, examples.shape
        dtype, labels = examples.dtype, examples.labels

        def gather(self, indices):
            meeting.wait()
            return examples.gather(indices)

    assert len(list(batches(Together(), 0, 2)(0, 4))) == 4


def test_seeds_differ(examples):
    assert _labels(examples, 0, 10, 0, 2) != _labels(examples, 1, 10, 0, 2)


def test_late_updates_of_large_sets():
    # Positions beyond 32 bits; an epoch of 1,281,167 at batch 128 and update 1e8.
    num = 1_281_167
    indices = update_indices(100_000_000, 0, 128, num).numpy()
    assert indices.dtype == np.int64
    assert len(set(indices.tolist())) == 128
    assert 0 <= indices.min() <= indices.max() < num


def test_refuses_a_batch_of_none(examples):
    with pytest.raises(ValueError, match="`batch_size` must be at"):
        batches(examples, 0, 0)


def test_a_batch_larger_than_an_epoch_holds_each_as_often_or_once_more():
    rows = [update_indices(t, 3, 2 * NUM + 3, NUM).numpy() for t in range(4)]
    for row in rows:
        counts = np.bincount(row, minlength=NUM)
        assert counts.sum() == 2 * NUM + 3 and set(counts) <= {1, 2, 3}
    whole = np.concatenate(rows)  # epoch after epoch, each a permutation
    for start in range(0, len(whole) - NUM, NUM):
        assert sorted(whole[start : start + NUM]) == list(range(NUM))
    one_by_one = [int(update_indices(t, 3, 1, NUM)[0]) for t in range(3 * NUM)]
    assert one_by_one == whole[: 3 * NUM].tolist()


def test_stopping_early_leaves_nothing_behind(examples):
    data = batches(examples, 0, 4)
    for _ in range(3):
        for _ in data(0, 1_000_000):
            break
    assert _labels(examples, 0, 4, 0, 1) == [
        update_indices(0, 0, 4, NUM).numpy().tolist()
    ]
