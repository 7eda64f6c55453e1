"""A split of arrays is read in their order, as often as one likes."""

import numpy as np

from ebm_tf.data import in_memory


def test_rows_come_in_order_and_in_chunks():
    states = np.arange(4400, dtype=np.float64).reshape(2200, 2)
    labels = np.arange(2200, dtype=np.int32)
    split = in_memory.split(states, labels)
    assert split.num_examples == 2200
    for _ in range(2):
        chunks = list(split.chunks())
        assert [len(each) for each, _ in chunks] == [1024, 1024, 152]
        assert all(each.dtype == np.float32 for each, _ in chunks)
        np.testing.assert_array_equal(np.concatenate([x for x, _ in chunks]), states)
        np.testing.assert_array_equal(np.concatenate([y for _, y in chunks]), labels)


def test_without_labels_they_are_zeros():
    [(states, labels)] = in_memory.split(np.ones([3, 1], np.uint8)).chunks()
    assert states.dtype == np.uint8
    assert labels.dtype == np.int32 and labels.tolist() == [0, 0, 0]


def test_a_number_that_never_changes_has_width_1():
    mean, std = np.array([0.0, 5.0, 5.0]), np.array([0.0, 1e-9, 0.2])
    np.testing.assert_array_equal(in_memory.width(mean, std), [1.0, 1.0, 0.2])
