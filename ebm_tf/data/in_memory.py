"""A split of arrays that are in memory, or mapped. No TensorFlow here."""

from collections.abc import Iterator

import numpy as np

from ebm_tf.data.types import CHUNK_SIZE, Chunk, Split


def split(states: np.ndarray, labels: np.ndarray | None = None) -> Split:
    """Returns rows of arrays as a split, in their order.

    Args:
        states: `[N, ...]`, uint8, or floats, which become float32.
        labels: int32 `[N]` or float32 `[N, K]`; None for zeros.
    """
    dtype = np.uint8 if states.dtype == np.uint8 else np.float32

    def chunks() -> Iterator[Chunk]:
        for start in range(0, len(states), CHUNK_SIZE):
            rows = slice(start, start + CHUNK_SIZE)
            some = np.ascontiguousarray(states[rows], dtype)
            found = np.zeros(len(some), np.int32) if labels is None else labels[rows]
            yield some, found

    return Split(num_examples=len(states), chunks=chunks)


def width(mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Returns standard deviations that an open space can have.

    Args:
        mean: Of float32 numbers, by the last axis.
        std: Likewise; what is nothing but rounding, of a number that is the same in
            every row, becomes 1.
    """
    return np.where(std > 1e-7 * np.abs(mean), std, 1.0)
