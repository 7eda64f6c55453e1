"""Parts of a split, chosen by seed."""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.data import order
from ebm_tf.data.types import Chunk, Split


def hold_out(split: Split, count: int, seed: int) -> tuple[Split, Split]:
    """Returns a split without `count` random examples, and those examples.

    The two parts share no example, together are the whole, and keep its order.

    Args:
        split: Any split; it is read once for each pass over a part.
        count: How many to hold out, at least 1 and fewer than there are.
        seed: Decides which.

    Raises:
        ValueError: If `count` is out of range.
    """
    checks.require_count("count", count, low=1, high=split.num_examples - 1)
    positions = tf.range(count, dtype=tf.int64)
    chosen = order.permuted(positions, rng.make_seed(seed), split.num_examples)
    is_held = np.zeros(split.num_examples, bool)
    is_held[chosen.numpy()] = True
    return _part(split, ~is_held), _part(split, is_held)


def _part(split, is_in):
    def chunks() -> Iterator[Chunk]:
        start = 0
        for images, labels in split.chunks():
            keep = is_in[start : start + len(labels)]
            start += len(labels)
            if keep.any():
                yield images[keep], labels[keep]

    places, name_of = np.flatnonzero(is_in), split.name_of
    return Split(
        num_examples=len(places),
        chunks=chunks,
        name_of=name_of and (lambda position: name_of(int(places[position]))),
    )
