"""A state that is filled in where something is drawn on its picture."""

import numpy as np

from ebm_tf import checks
from ebm_tf.plots import grid

from . import request


class Canvas:
    """The state, and the mask that is drawn on it.

    Args:
        shape: Of a state; one that can be shown as a picture.
        space: The state space.
    """

    def __init__(self, shape: tuple[int, ...], space):
        self._shape, self._space = shape, space
        self._known: np.ndarray | None = None
        self._mask: np.ndarray | None = None

    @property
    def is_taken(self) -> bool:
        """Whether there is a state."""
        return self._known is not None

    def take(self, state: np.ndarray) -> None:
        """Takes a state as it is stored, with nothing drawn on it."""
        self._known, self._mask = state, np.zeros(self._shape, bool)

    def forget(self) -> None:
        """Lets go of the state."""
        self._known = self._mask = None

    def paint(self, bits: str) -> None:
        """Takes what is drawn: "0" or "1" for each pixel of the picture, row by row.

        Raises:
            ValueError: If they are not as many as pixels.
        """
        if not self.is_taken:
            return
        height, width = self.picture().shape[:2]
        is_fine = isinstance(bits, str) and len(bits) == height * width
        rule = f"{height * width} of 0 and 1"
        checks.require(is_fine and set(bits) <= {"0", "1"}, "mask", rule, bits)
        drawn = np.array([bit == "1" for bit in bits]).reshape(height, width)
        if len(self._shape) == 2:  # a row of the picture is a number of the state
            self._mask = drawn.T
        else:
            self._mask = np.broadcast_to(drawn[..., None], self._shape).copy()

    def clear(self) -> None:
        """Removes what is drawn."""
        if self.is_taken:
            self._mask = np.zeros(self._shape, bool)

    def hole(self) -> request.Hole | None:
        """Returns what is to be filled in, or None if nothing is drawn."""
        if not self.is_taken or not self._mask.any():
            return None
        return request.Hole(known=self._known, is_unknown=self._mask)

    def picture(self) -> np.ndarray:
        """Returns the state as a picture, uint8 `[H, W, C]`."""
        return grid.as_images(self._known, len(self._shape), self._space)
