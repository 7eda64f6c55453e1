"""Examples that two splits share are found by content, whatever brought them."""

import numpy as np
import pytest

from ebm_tf.data import in_memory, overlap


def contents(states):
    found = overlap.Contents()
    passed = [rows for rows, _ in found.watch(in_memory.split(states).chunks())]
    np.testing.assert_array_equal(np.concatenate(passed), states)
    return found


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_places_of_what_is_shared(dtype):
    train = np.random.default_rng(0).integers(0, 256, [3000, 4, 4]).astype(dtype)
    test = 255 - train[:50]
    test[[7, 30]] = train[[2500, 3]]
    train[2600] = train[2500]  # the first that equals it is told
    found = overlap.shared(contents(test), contents(train))
    assert found.tolist() == [[7, 2500], [30, 3]]
    assert len(overlap.shared(contents(train[:1000]), contents(train))) == 1000
    parts = contents(train[:2000]), contents(train[2000:])
    assert overlap.shared(contents(test), *parts).tolist() == found.tolist()


def test_nothing_is_shared():
    one, other = np.zeros([3, 2], np.uint8), np.ones([5, 2], np.uint8)
    assert overlap.shared(contents(one), contents(other)).shape == (0, 2)
    assert overlap.shared(contents(one), overlap.Contents()).shape == (0, 2)


def test_states_that_differ_have_different_digests():
    bits = np.unpackbits(np.arange(65536, dtype=">u2").view(np.uint8)).reshape(-1, 16)
    assert len(np.unique(overlap.digests_of(bits))) == 65536
