"""Shapes of dSprites, read by drawing them anew."""

import dataclasses
import math
from typing import TYPE_CHECKING, ClassVar

from ebm_tf import checks
from ebm_tf.studies.composition.readers import (
    CLASS,
    VALID,
    Reader,
    ReaderConfig,
    check_tolerance,
)

if TYPE_CHECKING:
    import numpy as np

# Names of `ebm_tf.data.sprites.FRAMES`, which needs NumPy.
FRAMES = ("dsprites", "small_sprites")
ANGLE = ("orientation_cos", "orientation_sin")


@dataclasses.dataclass(frozen=True, kw_only=True)
class SpritesReaderConfig(ReaderConfig):
    """The shape that fits a picture best: its kind, scale, orientation and position.

    Attributes:
        scale: How far the label of the scale may be from the one asked for: 0.2 is
            from one of the six scales of dSprites to the next.
        orientation: Likewise of the orientation, degrees; turns that leave the shape
            found as it is do not count.
        position: Likewise of x and of y, each as a share of their range: 0.22 is a
            pixel of the 16 of `sprites_score`.
        least_explained: A picture has a shape if drawing it leaves at most 1 less
            this of the sum of squares of its pixels.
        frame: How shapes lie in pictures: as in "dsprites" or in "small_sprites".
    """

    kind: ClassVar[str] = "sprites"
    names: ClassVar[tuple[str, ...]] = ("scale", *ANGLE, "x", "y")
    scale: float = 0.15
    orientation: float = 15.0
    position: float = 0.22
    least_explained: float = 0.85
    frame: str = "small_sprites"

    def __post_init__(self):
        for name in ("scale", "position", "least_explained"):
            check_tolerance(name, getattr(self, name))
        checks.require_number("orientation", self.orientation, above=0, high=45)
        checks.require_choice("frame", self.frame, FRAMES)

    def make(self, subject):
        """Returns the reader of square pictures in one channel."""
        shape, space = subject.energy.state_shape, subject.space
        is_fit = len(shape) == 3 and shape[0] == shape[1] and shape[2] == 1
        rule = "one that reads such states: sprites are square, in one channel"
        checks.require(is_fit, "reader.kind", rule, f"{self.kind}, states of {shape}")
        return SpritesReader(self, subject.seed, space)


class SpritesReader(Reader):
    """Fits shapes; see `SpritesReaderConfig`.

    Args:
        config: Its settings.
        seed: Decides which of the orientations of a shape that are the same is asked.
        space: Of the states.
    """

    def __init__(self, config: SpritesReaderConfig, seed: int, space):
        position = {"x": config.position, "y": config.position}
        super().__init__({"scale": config.scale, **position})
        self._config, self._seed, self._space = config, seed, space

    def read(self, stored):
        """Returns kind, scale, orientation and position of the shape that fits."""
        import numpy as np

        from ebm_tf.data import sprites
        from ebm_tf.studies.composition import shapes

        pictures = np.asarray(self._space.center(stored))[..., 0]
        fitted = shapes.fit(pictures, sprites.FRAMES[self._config.frame])
        return {
            CLASS: fitted.shape,
            VALID: fitted.explained >= self._config.least_explained,
            "scale": 2.0 * fitted.scale - 1.0,
            **_of_angle(fitted.angle),
            "x": fitted.x,
            "y": fitted.y,
        }

    def known(self, stored, labels):
        """Returns what is read, each orientation turned by one that changes nothing."""
        import numpy as np

        from ebm_tf.studies.composition import shapes

        found, draw = self.read(stored), np.random.default_rng(self._seed)
        turn = 2.0 * math.pi / shapes.SYMMETRY[found[CLASS]]
        angle = _angle(found) + turn * draw.integers(0, 4, len(stored))
        in_range = {n: np.clip(found[n], 0.0, 1.0) for n in ("scale", "x", "y")}
        return {**found, **in_range, **_of_angle(angle)}

    def agree(self, names, asked, found):
        """As `Reader.agree`; orientations are compared as angles."""
        if tuple(names) != ANGLE:
            return super().agree(names, asked, found)
        import numpy as np

        from ebm_tf.studies.composition import shapes

        turn = 2.0 * math.pi / shapes.SYMMETRY[found[CLASS]]
        apart = np.mod(_angle(asked) - _angle(found) + turn / 2.0, turn) - turn / 2.0
        near = np.abs(apart) <= math.radians(self._config.orientation)
        return near & found[VALID]


def _of_angle(angle) -> dict:
    import numpy as np

    return {name: (1.0 + fn(angle)) / 2.0 for name, fn in zip(ANGLE, (np.cos, np.sin))}


def _angle(found) -> "np.ndarray":
    import numpy as np

    cosine, sine = (2.0 * np.asarray(found[name]) - 1.0 for name in ANGLE)
    return np.arctan2(sine, cosine)
