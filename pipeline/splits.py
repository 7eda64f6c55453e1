"""What `ingest` does to a stream of images: holds some out, counts, shows progress.

A stream is an iterator of chunks `(images uint8 [n, H, W, C], labels int32 [n])`; no
more than one chunk is held at a time.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
import tqdm

from ebm_tf import checks

Chunk = tuple[np.ndarray, np.ndarray]


class Part(NamedTuple):
    """A part of a data set.

    Attributes:
        num_examples: How many images it has.
        chunks: Returns a new stream of them.
    """

    num_examples: int
    chunks: Callable[[], Iterator[Chunk]]


def hold_out(splits: dict, validation_count: int, seed: int) -> dict[str, Part]:
    """Returns the parts train, validation and test of a data set.

    Every subset of the training set of that size is equally likely to be held out.
    Which one depends on the seed and the number of images, not on their chunks.

    Args:
        splits: "train" and "test", each with `num_examples` and `chunks`.
        validation_count: Images held out from the training set.
        seed: A whole number.

    Raises:
        ValueError: If the training set has no more images than that.
    """
    train, test = splits["train"], splits["test"]
    rule = f"below the {train.num_examples} training images"
    checks.require(
        validation_count < train.num_examples,
        "validation_count",
        rule,
        validation_count,
    )

    def chunks(held: bool) -> Iterator[Chunk]:
        selected = _selection(train.num_examples, validation_count, seed)
        for images, labels in train.chunks():
            rows = np.fromiter(selected, bool, count=len(images)) == held
            if rows.any():
                yield images[rows], labels[rows]

    num_kept = train.num_examples - validation_count
    return {
        "train": Part(num_kept, lambda: chunks(False)),
        "validation": Part(validation_count, lambda: chunks(True)),
        "test": Part(test.num_examples, test.chunks),
    }


def _selection(population: int, num: int, seed: int) -> Iterator[bool]:
    """Says of each of `population` in turn whether it is among the `num` selected.

    One is selected with probability (still wanted) / (still to come), which makes
    every subset of `num` equally likely (Knuth, TAOCP 2, 3.4.2, Algorithm S).
    """
    draws = np.random.default_rng(seed)
    wanted = num
    for left in range(population, 0, -1):
        selected = draws.random() * left < wanted
        wanted -= selected
        yield selected


def with_progress(
    chunks: Iterable[Chunk], num_examples: int, name: str
) -> Iterator[Chunk]:
    """Yields the stream and shows on the terminal how far it is."""
    with tqdm.tqdm(
        desc=f"ingest {name}", unit="image", total=num_examples, dynamic_ncols=True
    ) as bar:
        for images, labels in chunks:
            yield images, labels
            bar.update(len(images))


class Statistics:
    """Counts over a stream: exact, and no larger for a longer one.

    Args:
        num_classes: Number of labels.
    """

    def __init__(self, num_classes: int):
        self._classes = np.zeros(num_classes, np.int64)
        self._levels = np.zeros([0, 256], np.int64)  # [C, 256]

    def watch(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """Yields the stream, counting."""
        for images, labels in chunks:
            self._classes += np.bincount(labels, minlength=len(self._classes))
            channels = np.moveaxis(images, -1, 0).reshape(images.shape[-1], -1)
            counts = [np.bincount(values, minlength=256) for values in channels]
            if not len(self._levels):
                self._levels = np.zeros([len(counts), 256], np.int64)
            self._levels += counts
            yield images, labels

    def as_dict(self) -> dict:
        """Returns the statistics as JSON values.

        "class_counts" is a list by label. "min", "max", "mean" and "std" are lists
        by channel, in pixels of the unit range: level q counts as (q + 1/2) / 256.
        """
        levels = (np.arange(256) + 0.5) / 256
        share = self._levels / self._levels.sum(axis=1, keepdims=True)
        mean = share @ levels
        variance = [s @ np.square(levels - m) for s, m in zip(share, mean)]
        used = [np.flatnonzero(counts) for counts in self._levels]
        return {
            "class_counts": self._classes.tolist(),
            "min": [float(levels[found[0]]) for found in used],
            "max": [float(levels[found[-1]]) for found in used],
            "mean": mean.tolist(),
            "std": np.sqrt(variance).tolist(),
        }
