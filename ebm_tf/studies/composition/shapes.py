"""Which shape of dSprites a picture shows, by drawing the candidates.

Size and place of a candidate follow from the brightness of the picture and from its
centre; shape and orientation are tried, then all are refined around the best.
"""

import functools
import itertools
import math
from typing import NamedTuple

import numpy as np

from ebm_tf.data import sprites

# Turns of a whole circle that leave each shape as it is.
SYMMETRY = np.array([4, 2, 1])
_NUM_ANGLES = 48  # of a whole circle
_CHUNK = 64
# Darker than this is background, when brightness is added up.
_DARK = 0.1
_SCALES = (0.88, 0.94, 1.0, 1.06, 1.12)
_TURNS = (-0.5, 0.0, 0.5)  # of the distance of the angles tried first
_LEAST_SCALE, _MOST_SCALE = 0.2, 1.6


class Fitted(NamedTuple):
    """The shape that fits each of N pictures best.

    Attributes:
        shape: Its number in `sprites.SHAPES`, int32.
        scale: As dSprites has it, 0.5 to 1 there.
        angle: Radians, from 0 to the first turn that leaves the shape as it is.
        x: To the right, 0 to 1.
        y: Downwards.
        explained: 1 less the sum of squares of what is left, over that of the picture.
    """

    shape: np.ndarray
    scale: np.ndarray
    angle: np.ndarray
    x: np.ndarray
    y: np.ndarray
    explained: np.ndarray


def fit(pictures: np.ndarray, frame: sprites.Frame) -> Fitted:
    """Returns the shapes that fit pictures best.

    Args:
        pictures: `[N, S, S]`, 0 to 1.
        frame: How shapes lie in them.
    """
    parts = [
        _fit(np.asarray(pictures[first : first + _CHUNK], np.float64), frame)
        for first in range(0, len(pictures), _CHUNK)
    ]
    factors, explained = (np.concatenate(each) for each in zip(*parts))
    shape, scale, angle, x, y = factors.T
    shape = shape.astype(np.int32)
    angle = np.mod(angle, 2.0 * math.pi / SYMMETRY[shape])
    return Fitted(shape, scale, angle, x, y, explained)


def _fit(pictures, frame):
    num, bright = len(pictures), np.where(pictures > _DARK, pictures, 0.0)
    best, least = np.zeros([num, 5]), np.full(num, np.inf)
    for shape, symmetry in enumerate(SYMMETRY):
        angles = np.arange(_NUM_ANGLES // symmetry) * (2.0 * math.pi / _NUM_ANGLES)
        candidates = _Candidates(pictures, bright, shape, frame)
        first, _ = candidates.best([1.0], angles[None].repeat(num, 0))
        near = first[:, 2:3] + np.array(_TURNS) * (2.0 * math.pi / _NUM_ANGLES)
        found, left = candidates.best(_SCALES, near)
        better = left < least
        best[better], least[better] = found[better], left[better]
    total = np.maximum(np.square(pictures).sum(axis=(1, 2)), 1e-12)
    return best, np.where(bright.any(axis=(1, 2)), 1.0 - least / total, 0.0)


class _Candidates:
    """Shapes of one kind that are as bright as pictures, their centres the same.

    Args:
        pictures: `[n, S, S]`.
        bright: Those without their background.
        shape: The kind.
        frame: How shapes lie in the pictures.
    """

    def __init__(self, pictures, bright, shape, frame):
        self._pictures, self._shape, self._frame = pictures, shape, frame
        area, self._middle = _moments(shape, frame)
        size = pictures.shape[1]
        unit = 64.0 / size
        mass = np.maximum(bright.sum(axis=(1, 2)), 1e-6)
        places = (np.arange(size) + 0.5) * unit
        self._right = (bright.sum(axis=1) @ places) / mass
        self._down = (bright.sum(axis=2) @ places) / mass
        self._scale = np.sqrt(mass * unit**2 / area)

    def best(self, scales, angles):
        """Returns the best of some, factors `[n, 5]`, and what it leaves, `[n]`.

        Args:
            scales: Factors on the scale that the brightness says.
            angles: Of each picture, `[n, A]`, radians.
        """
        tried, left = [], []
        for factor, angle in itertools.product(scales, angles.T):
            factors = self._factors(factor, angle)
            drawn = sprites.render_smooth(factors, self._pictures.shape[1], self._frame)
            tried.append(factors)
            left.append(np.square(self._pictures - drawn).sum(axis=(1, 2)))
        chosen, rows = np.argmin(left, axis=0), np.arange(len(angles))
        return np.array(tried)[chosen, rows], np.array(left)[chosen, rows]

    def _factors(self, factor, angle):
        scale = np.clip(factor * self._scale, _LEAST_SCALE, _MOST_SCALE)
        # The centre of brightness is not the middle that dSprites places.
        (across, up), (cos, sin) = self._middle, (np.cos(angle), np.sin(angle))
        x = self._frame.position_of(self._right - scale * (across * cos - up * sin))
        y = self._frame.position_of(self._down + scale * (across * sin + up * cos))
        return np.stack([np.full(len(x), self._shape), scale, angle, x, y], axis=1)


@functools.cache
def _moments(shape: int, frame) -> tuple[float, tuple[float, float]]:
    """Returns area and centre (right, up) of a shape of scale 1, pixels of 64."""
    upright = np.array([[shape, 1.0, 0.0, 0.5, 0.5]])
    drawn = sprites.render_smooth(upright, 512, frame)[0].astype(np.float64)
    places = (np.arange(512) + 0.5) / 8.0 - frame.place_of(0.5)
    total = drawn.sum()
    right, down = (drawn.sum(axis=axis) @ places / total for axis in (0, 1))
    return total / 64.0, (right, -down)
