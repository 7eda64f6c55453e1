"""What a data set is, wherever it comes from. No TensorFlow here."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping

import numpy as np

# Images, uint8 [n, H, W, C], and their labels, int32 [n].
Chunk = tuple[np.ndarray, np.ndarray]

# How many examples readers hand out at a time.
CHUNK_SIZE = 1024


@dataclasses.dataclass(frozen=True, kw_only=True)
class Split:
    """One part of a data set, read in order as often as one likes.

    Attributes:
        num_examples: How many examples there are, > 0.
        chunks: Starts a pass; returns an iterator of `Chunk`. Memory does not grow
            with `num_examples`. A pass that ends has seen everything and found it
            whole; a damaged file raises `ValueError` on the way.
    """

    num_examples: int
    chunks: Callable[[], Iterator[Chunk]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Source:
    """A data set.

    Attributes:
        name: As users call it.
        shape: `(H, W, C)`, pixels.
        num_classes: Labels are below this.
        class_names: One for each label.
        splits: "train" and "test".
        origin: A sentence that says where the examples come from and how many
            there are.
        checksums: File name to SHA-256, of every file that was read.
    """

    name: str
    shape: tuple[int, int, int]
    num_classes: int
    class_names: tuple[str, ...]
    splits: Mapping[str, Split]
    origin: str
    checksums: Mapping[str, str]
