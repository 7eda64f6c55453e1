"""What `ingest` does to a stream of images on its way: counts, shows progress.

A stream is an iterator of chunks `(images uint8 [n, H, W, C], labels int32 [n])`; no
more than one chunk is held at a time.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import tqdm

Chunk = tuple[np.ndarray, np.ndarray]


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
