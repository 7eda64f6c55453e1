"""What a data set is, wherever it comes from. No TensorFlow here."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping

import numpy as np

# States, uint8 levels or float32, [n, ...] such as images [n, H, W, C] or sequences
# [n, T, D]; and their labels: int32 [n], classes, or float32 [n, K], numbers within
# [0, 1].
Chunk = tuple[np.ndarray, np.ndarray]

# State spaces as `ebm_tf.box.from_dict` takes them.
LEVELS = {"kind": "box", "low": 0.0, "high": 1.0, "num_levels": 256}
UNIT_FLOATS = {"kind": "box", "low": 0.0, "high": 1.0, "num_levels": None}

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
        name_of: Returns what users call the example at a position, such as its file;
            None where a position is all there is.
    """

    num_examples: int
    chunks: Callable[[], Iterator[Chunk]]
    name_of: Callable[[int], str] | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Source:
    """A data set.

    Attributes:
        name: As users call it.
        shape: Of a state, such as `(H, W, C)`, pixels, or `(T, D)`.
        space: The state space, as `ebm_tf.box.from_dict` takes it.
        num_classes: Labels are below this; None where they are numbers, or where
            there are none (zeros then).
        class_names: One for each class.
        label_names: One for each number of a label, where labels are numbers.
        splits: "train" and "test", and "validation" where the user's files have it.
        origin: A sentence that says where the examples come from and how many
            there are.
        checksums: File name to SHA-256, of every file that was read; of arrays that
            are no file, the name of what gave them.
        normalization: Of sequences: "low" and "high", lists of D numbers that became
            0 and 1, and "names"; else None.
        is_of_user: Whether how many examples there are is for the user to know.
        max_overlap: Share of the test set that may be in the training set too.
    """

    name: str
    shape: tuple[int, ...]
    space: Mapping
    num_classes: int | None
    class_names: tuple[str, ...]
    label_names: tuple[str, ...]
    splits: Mapping[str, Split]
    origin: str
    checksums: Mapping[str, str]
    normalization: Mapping[str, list] | None
    is_of_user: bool = False
    max_overlap: float = 0.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Found:
    """What a reader found: the part of a `Source` that only the files know.

    Attributes:
        splits: As in `Source`.
        paths: The files that were read.
        origin: Where they are, in words; no full stop.
        class_names: If labels are classes that only the files name.
        label_names: If labels are numbers.
        shape: If only the files know it.
        normalization: As in `Source`.
        space: If only the files know it.
        checksums: As in `Source`, in place of those of `paths`.
    """

    splits: Mapping[str, Split]
    paths: list[str]
    origin: str
    class_names: tuple[str, ...] | None = None
    label_names: tuple[str, ...] = ()
    shape: tuple[int, ...] | None = None
    normalization: Mapping[str, list] | None = None
    space: Mapping | None = None
    checksums: Mapping[str, str] | None = None
