"""How images of any size are read, without TensorFlow."""

import dataclasses

from ebm_tf import checks

CORRUPT_RULES = ("fail", "skip")
LAYOUTS = ("auto", "classes", "splits")
_MAX_SIZE = 1024


@dataclasses.dataclass(frozen=True, kw_only=True)
class ImagesConfig:
    """Images of any size and mode become `[height, width, channels]`.

    They are resized to cover that, then the middle is cut out.

    Attributes:
        size: Height and width, pixels, at most 1024: one number for both, or two.
        channels: 1, gray, or 3, colour.
        corrupt: What an image that cannot be read does: "fail", or "skip": it is
            named in the log, counted in the manifest, and left out.
        test_share: Share of a folder's images that become its test set, where it
            has no folder `test`; in (0, 1).
        layout: What folders are: "classes", or "splits" such as `train` and `test`,
            with classes below; "auto" tells by their names, and refuses a folder
            that may be read in two ways.
    """

    size: int | tuple[int, ...]
    channels: int
    corrupt: str
    test_share: float
    layout: str = "auto"

    def __post_init__(self):
        sides = self.size if isinstance(self.size, tuple) else (self.size,)
        rule = "a whole number, or two: height and width"
        checks.require(0 < len(sides) <= 2, "size", rule, self.size)
        for side in sides:
            checks.require_count("size", side, high=_MAX_SIZE)
        checks.require_choice("channels", self.channels, (1, 3))
        checks.require_choice("corrupt", self.corrupt, CORRUPT_RULES)
        checks.require_number("test_share", self.test_share, above=0)
        checks.require(self.test_share < 1, "test_share", "below 1", self.test_share)
        checks.require_choice("layout", self.layout, LAYOUTS)

    @property
    def shape(self) -> tuple[int, int, int]:
        """What an image becomes: height, width and channels."""
        sides = self.size if isinstance(self.size, tuple) else (self.size,)
        return sides[0], sides[-1], self.channels
