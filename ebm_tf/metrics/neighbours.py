"""Nearest neighbours in L2: would a sample be a copy, its distance would show."""

from typing import NamedTuple

import numpy as np
from sklearn.neighbors import NearestNeighbors

from ebm_tf import checks

# Bytes of references that are turned into floats at one time.
_BLOCK_BYTES = 128 * 2**20


class Neighbours(NamedTuple):
    """What `nearest` returns.

    Attributes:
        indices: Rows of `references`, nearest first, int64 `[N, num]`.
        distances: L2 distances to them, float64 `[N, num]`, in the unit of the
            input: for uint8 images, levels; divide by 256 for pixels.
    """

    indices: np.ndarray
    distances: np.ndarray


def nearest(
    queries: np.ndarray,
    references: np.ndarray,
    num: int,
    block_size: int | None = None,
) -> Neighbours:
    """Returns the exact `num` nearest references of each query, in L2.

    Memory is bounded by one block of references as floats, whatever their number;
    uint8 input is never converted as a whole.

    Args:
        queries: `[N, ...]`, uint8 or float, taken as float32.
        references: `[M, ...]`, M >= num, with the same shape of a row; may be a
            memory map.
        num: Neighbours of each query, >= 1.
        block_size: References searched at one time, or None for some 128 MiB of
            them.

    Returns:
        `Neighbours`, nearest first.

    Raises:
        ValueError: If shapes disagree or there are fewer than `num` references.
    """
    checks.require_count("num", num)
    checks.require(
        queries.shape[1:] == references.shape[1:],
        "queries",
        f"of the references' shape, {references.shape[1:]}",
        queries.shape[1:],
    )
    checks.require_count("num", num, high=len(references))
    if len(queries) == 0:
        return Neighbours(np.empty((0, num), np.int64), np.empty((0, num)))
    flat = queries.reshape(len(queries), -1).astype(np.float32)
    if block_size is None:
        block_size = max(num, _BLOCK_BYTES // (4 * max(1, flat.shape[1])))
    indices = np.empty((len(flat), 0), np.int64)
    distances = np.empty((len(flat), 0), np.float64)
    for first in range(0, len(references), block_size):
        block = references[first : first + block_size]
        block = block.reshape(len(block), -1).astype(np.float32)
        found = _nearest_in_block(flat, block, num)
        indices = np.concatenate([indices, found.indices + first], axis=1)
        distances = np.concatenate([distances, found.distances], axis=1)
        indices, distances = _keep_nearest(indices, distances, num)
    return Neighbours(indices, distances)


def _nearest_in_block(queries, block, num) -> Neighbours:
    search = NearestNeighbors(algorithm="brute", metric="euclidean").fit(block)
    # One more than asked: rounding in |a|^2 - 2ab + |b|^2 may swap the last two.
    count = min(num + 1, len(block))
    indices = search.kneighbors(queries, n_neighbors=count, return_distance=False)
    indices = indices.astype(np.int64)
    distances = np.empty(indices.shape, np.float64)
    for row, columns in enumerate(indices):
        # From the differences, so that the distance of a copy is 0 exactly.
        gap = block[columns].astype(np.float64) - queries[row]
        distances[row] = np.sqrt(np.sum(gap**2, axis=1))
    return Neighbours(indices, distances)


def _keep_nearest(indices, distances, num) -> tuple[np.ndarray, np.ndarray]:
    order = np.lexsort((indices, distances), axis=1)[:, :num]
    return (
        np.take_along_axis(indices, order, axis=1),
        np.take_along_axis(distances, order, axis=1),
    )
