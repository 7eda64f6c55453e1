"""Where the chains of `sample` start, and under which conditions."""

import numpy as np

from ebm_tf import conditions
from ebm_tf.data import array_files

from ...store.artifacts import Artifact


class Starts:
    """Where the chains of images `first` on start, and under which conditions.

    Args:
        trained: The artifact `model`.
        space: The model's conditions, or None for an unconditional one.
        start: "noise" or "replay".
        seed: Decides the order in which slots of the replay buffer are taken.
        walks_levels: Whether chains walk through noise levels; all end at the lowest,
            and it is the condition of each.
    """

    def __init__(
        self,
        trained: Artifact,
        space,
        start: str,
        seed: int,
        *,
        walks_levels: bool = False,
    ):
        self._space, self._slots = space, None
        self._walks_levels = walks_levels
        if start == "replay":
            self._states = array_files.open_npy(trained.file("replay.npy"))
            self._slots = np.random.default_rng(seed).permutation(len(self._states))
            held = {
                name: array_files.open_npy(trained.file(f"replay_{name}.npy"))
                for name in conditions.parts_of(space)
            }
            self._held = conditions.from_names(space, held)

    def _of(self, first: int, num: int) -> np.ndarray:
        return self._slots[np.arange(first, first + num) % len(self._slots)]

    def stored(self, first: int, num: int) -> np.ndarray | None:
        """Returns the states to start from, as stored; None for noise."""
        return None if self._slots is None else self._states[self._of(first, num)]

    def condition(self, first: int, num: int):
        """Returns conditions, a structure of `[num, ...]`; None of None."""
        if self._slots is None:
            return self.in_turn(first, num)
        held = conditions.each(lambda held: held[self._of(first, num)], self._held)
        return self._lowest(held)

    def in_turn(self, first: int, num: int):
        """Returns the conditions in turn; None for an unconditional model."""
        return self._lowest(conditions.in_turn(self._space, first, num))

    def _lowest(self, condition):
        parts = conditions.by_name(self._space, condition)
        if self._walks_levels and "noise_level" in parts:
            low = conditions.parts_of(self._space)["noise_level"].low
            parts |= {"noise_level": np.full_like(parts["noise_level"], low)}
        return conditions.from_names(self._space, parts)
