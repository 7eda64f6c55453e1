"""Nearest neighbours against brute force and hand-made sets."""

import numpy as np
import pytest

from ebm_tf.metrics import neighbours


def _brute_force(queries, references, num):
    gaps = queries[:, None].astype(np.float64) - references[None].astype(np.float64)
    distances = np.sqrt(np.sum(gaps.reshape(*gaps.shape[:2], -1) ** 2, axis=-1))
    order = np.argsort(distances, axis=1, kind="stable")[:, :num]
    return order, np.take_along_axis(distances, order, axis=1)


@pytest.mark.parametrize("block_size", [None, 3, 7, 100])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_agrees_with_brute_force_in_any_blocks(block_size, dtype):
    rng = np.random.default_rng(0)
    queries = rng.integers(0, 256, [9, 4, 3, 2]).astype(dtype)
    references = rng.integers(0, 256, [50, 4, 3, 2]).astype(dtype)
    found = neighbours.nearest(queries, references, 5, block_size)
    indices, distances = _brute_force(queries, references, 5)
    np.testing.assert_array_equal(found.indices, indices)
    np.testing.assert_allclose(found.distances, distances, rtol=1e-12)


def test_by_hand():
    references = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]], np.float32)
    found = neighbours.nearest(np.zeros([1, 2], np.float32), references, 3)
    np.testing.assert_array_equal(found.indices, [[0, 2, 1]])
    np.testing.assert_array_equal(found.distances, [[0.0, 1.0, 5.0]])


def test_a_copy_is_at_distance_zero_exactly():
    # Bright pictures that differ by one level in one pixel: |a|^2 - 2ab + |b|^2 in
    # float32 could not tell them apart.
    references = np.full([20, 28, 28, 1], 250, np.uint8)
    references[np.arange(20), np.arange(20), 0, 0] += 1
    found = neighbours.nearest(references, references, 2, block_size=6)
    np.testing.assert_array_equal(found.indices[:, 0], np.arange(20))
    np.testing.assert_array_equal(found.distances[:, 0], 0)
    np.testing.assert_allclose(found.distances[:, 1], np.sqrt(2))


def test_unsigned_levels_do_not_wrap():
    dark, light = np.zeros([1, 1], np.uint8), np.full([1, 1], 255, np.uint8)
    assert neighbours.nearest(dark, light, 1).distances == 255


def test_as_many_neighbours_as_references():
    references = np.arange(4, dtype=np.float32)[:, None]
    found = neighbours.nearest(references[:1], references, 4, block_size=2)
    np.testing.assert_array_equal(found.indices, [[0, 1, 2, 3]])


def test_no_queries_give_no_rows():
    found = neighbours.nearest(np.zeros([0, 2]), np.zeros([5, 2]), 2)
    assert found.indices.shape == found.distances.shape == (0, 2)


def test_a_memory_map_is_read_as_it_is(tmp_path):
    references = np.arange(40, dtype=np.uint8).reshape(10, 4)
    np.save(tmp_path / "references.npy", references)
    mapped = np.load(tmp_path / "references.npy", mmap_mode="r")
    found = neighbours.nearest(references[7:8], mapped, 1, block_size=4)
    assert found.indices == 7


@pytest.mark.parametrize("num", [0, 6])
def test_a_number_of_neighbours_that_cannot_be_is_refused(num):
    with pytest.raises(ValueError, match="`num` must be"):
        neighbours.nearest(np.zeros([1, 2]), np.zeros([5, 2]), num)


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match="`queries` must be of the references' shape"):
        neighbours.nearest(np.zeros([1, 3]), np.zeros([5, 2]), 1)
