"""Examples that two splits have in common, found by their content."""

import hashlib
from collections.abc import Iterable, Iterator

import numpy as np

from ebm_tf.data.types import Chunk

_SIZE = 8


def digests_of(states: np.ndarray) -> np.ndarray:
    """Returns a number for each state that equal states share, uint64 `[n]`.

    Two of a million different ones share theirs with a probability below 1e-7.

    Args:
        states: `[n, ...]`.
    """
    rows = np.ascontiguousarray(states).reshape(len(states), -1).view(np.uint8)
    joined = b"".join(
        hashlib.blake2b(row.data, digest_size=_SIZE).digest() for row in rows
    )
    return np.frombuffer(joined, np.uint64)


class Contents:
    """The contents of a split, noted as its chunks pass: eight bytes an example."""

    def __init__(self):
        self._parts: list[np.ndarray] = []

    def watch(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """Returns the same chunks; what has passed is noted."""
        for states, labels in chunks:
            self._parts.append(digests_of(states))
            yield states, labels

    @property
    def digests(self) -> np.ndarray:
        """Those of all that has passed, in order, uint64 `[N]`."""
        return np.concatenate(self._parts or [np.zeros(0, np.uint64)])


def shared(one: Contents, *others: Contents) -> np.ndarray:
    """Returns which examples of a split are in others too.

    Args:
        one: The split.
        *others: The others; their examples are counted on, one after the other.

    Returns:
        Positions, int64 `[n, 2]`: of each example of `one` that `others` have, in
        order, and of the first that equals it there.
    """
    mine = one.digests
    theirs = np.concatenate([each.digests for each in others])
    if not len(mine) or not len(theirs):
        return np.zeros([0, 2], np.int64)
    order = np.argsort(theirs, kind="stable")
    places = np.searchsorted(theirs[order], mine)
    found = order[np.minimum(places, len(order) - 1)]
    is_shared = theirs[found] == mine
    return np.stack([np.flatnonzero(is_shared), found[is_shared]], axis=1)
