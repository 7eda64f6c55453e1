"""Examples as states, chunk by chunk: for what is fitted to all of them at once."""

from collections.abc import Iterator

import numpy as np

from ebm_tf import rng
from ebm_tf.data.shards import Examples
from ebm_tf.types import Seed


class Dequantized:
    """All examples in order, decoded: float32 arrays `[B, ...]`.

    Every `iter` begins anew and gives the same numbers.

    Args:
        examples: What to read.
        seed: `int32[2]`; chunk i is decoded by `fold_in(seed, i)`.
        size: Examples of a chunk.
    """

    def __init__(self, examples: Examples, seed: Seed, size: int = 5000):
        self._examples, self._seed, self._size = examples, seed, size

    def __iter__(self) -> Iterator[np.ndarray]:
        num = self._examples.num_examples
        for index, first in enumerate(range(0, num, self._size)):
            rows = np.arange(first, min(first + self._size, num))
            stored, _ = self._examples.gather(rows)
            seed = rng.fold_in(self._seed, index)
            yield self._examples.space.decode(stored, seed).numpy()
