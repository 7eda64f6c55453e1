"""How images of any size are read, without TensorFlow."""

import dataclasses

from ebm_tf import checks

CORRUPT_RULES = ("fail", "skip")


@dataclasses.dataclass(frozen=True, kw_only=True)
class ImagesConfig:
    """Images of any size and mode become `[size, size, channels]`.

    The shorter side is resized to `size`, then the middle is cut out.

    Attributes:
        size: Height and width, pixels, at most 1024.
        channels: 1, gray, or 3, colour.
        corrupt: What an image that cannot be read does: "fail", or "skip": it is
            named in the log, counted in the manifest, and left out.
        test_share: Share of a folder's images that become its test set, where it
            has no folders `train` and `test`; in (0, 1).
    """

    size: int
    channels: int
    corrupt: str
    test_share: float

    def __post_init__(self):
        checks.require_count("size", self.size, high=1024)
        checks.require_choice("channels", self.channels, (1, 3))
        checks.require_choice("corrupt", self.corrupt, CORRUPT_RULES)
        checks.require_number("test_share", self.test_share, above=0)
        checks.require(self.test_share < 1, "test_share", "below 1", self.test_share)
