"""Where the chains of `sample` start, and under which labels."""

import numpy as np

from ...store.artifacts import Artifact


class Starts:
    """Where the chains of images `first` on start, and under which labels.

    Args:
        trained: The artifact `model`.
        space: The model's labels, or None for an unconditional one.
        start: "noise" or "replay".
        seed: Decides the order in which slots of the replay buffer are taken.
    """

    def __init__(self, trained: Artifact, space, start: str, seed: int):
        self._space, self._slots = space, None
        if start == "replay":
            self._states = np.load(trained.file("replay.npy"), mmap_mode="r")
            self._slots = np.random.default_rng(seed).permutation(len(self._states))
            if space is not None:
                self._labels = np.load(trained.file("replay_labels.npy"))

    def _of(self, first: int, num: int) -> np.ndarray:
        return self._slots[np.arange(first, first + num) % len(self._slots)]

    def stored(self, first: int, num: int) -> np.ndarray | None:
        """Returns the states to start from, as stored; None for noise."""
        return None if self._slots is None else self._states[self._of(first, num)]

    def labels(self, first: int, num: int) -> np.ndarray | None:
        """Returns the labels, `[num, ...]`; None for an unconditional model."""
        if self._space is None or self._slots is None:
            return self.in_turn(first, num)
        return self._labels[self._of(first, num)]

    def in_turn(self, first: int, num: int) -> np.ndarray | None:
        """Returns the labels in turn; None for an unconditional model."""
        return None if self._space is None else self._space.in_turn(first, num)
