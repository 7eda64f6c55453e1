"""What `ingest` does to a stream of images on its way: counts, shows progress.

A stream is an iterator of chunks, see `ebm_tf.data.types.Chunk`; no more than one
chunk is held at a time.
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
    """Counts over a stream: exact for levels, and no larger for a longer one.

    Args:
        num_classes: Number of classes, or None.
        space: The state space, of `ebm_tf.box`.
    """

    def __init__(self, num_classes: int | None, space):
        self._space = space
        self._classes = None if num_classes is None else np.zeros(num_classes, np.int64)
        self._levels = np.zeros([0, 256], np.int64)  # [C, 256]
        self._floats = _Moments()
        self._labels = _Moments()

    def watch(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """Yields the stream, counting."""
        for states, labels in chunks:
            if self._classes is not None:
                self._classes += np.bincount(labels, minlength=len(self._classes))
            elif labels.ndim == 2:
                self._labels.add(labels)
            if states.dtype == np.uint8:
                self._count_levels(states)
            else:
                self._floats.add(states)
            yield states, labels

    def _count_levels(self, images):
        channels = np.moveaxis(images, -1, 0).reshape(images.shape[-1], -1)
        counts = [np.bincount(values, minlength=256) for values in channels]
        if not len(self._levels):
            self._levels = np.zeros([len(counts), 256], np.int64)
        self._levels += counts

    def as_dict(self) -> dict:
        """Returns the statistics as JSON values.

        "class_counts" is a list by class; where labels are numbers "label_mean" has
        the mean of each instead. "min", "max", "mean" and "std" are lists by channel,
        in the unit of the space: a level counts as the middle of its bin; or by the
        last axis of other states.
        """
        found = {}
        if self._classes is not None:
            found["class_counts"] = self._classes.tolist()
        elif self._labels.num:
            found["label_mean"] = self._labels.as_dict()["mean"]
        if self._floats.num:
            return found | self._floats.as_dict()
        width = self._space.stored_width
        levels = self._space.low + (np.arange(256) + 0.5) * width
        share = self._levels / self._levels.sum(axis=1, keepdims=True)
        mean = share @ levels
        variance = [s @ np.square(levels - m) for s, m in zip(share, mean)]
        used = [np.flatnonzero(counts) for counts in self._levels]
        return found | {
            "min": [float(levels[each[0]]) for each in used],
            "max": [float(levels[each[-1]]) for each in used],
            "mean": mean.tolist(),
            "std": np.sqrt(variance).tolist(),
        }


class _Moments:
    """Least, greatest, mean and spread of numbers, by their last axis."""

    def __init__(self):
        self.num, self._sums, self._squares = 0, 0.0, 0.0
        self._low, self._high = np.inf, -np.inf

    def add(self, values: np.ndarray) -> None:
        rows = values.reshape(-1, values.shape[-1]).astype(np.float64)
        self.num += len(rows)
        self._sums = self._sums + rows.sum(axis=0)
        self._squares = self._squares + np.square(rows).sum(axis=0)
        self._low = np.minimum(self._low, rows.min(axis=0))
        self._high = np.maximum(self._high, rows.max(axis=0))

    def as_dict(self) -> dict:
        mean = self._sums / self.num
        variance = np.maximum(self._squares / self.num - np.square(mean), 0.0)
        return {
            "min": self._low.tolist(),
            "max": self._high.tolist(),
            "mean": mean.tolist(),
            "std": np.sqrt(variance).tolist(),
        }
