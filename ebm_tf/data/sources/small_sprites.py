"""Part of dSprites in fewer pixels: for networks that a CPU trains in minutes."""

from typing import ClassVar

from ebm_tf import checks
from ebm_tf.data import sprites
from ebm_tf.data.sources.base import DataSource

_LEAST = 12


class SmallSprites(DataSource):
    """22,000 of the factors of dSprites drawn at any size, edges in shades of gray.

    `images.size` says the size. Shapes are twice as large in the image as those of
    dSprites, and positions as far apart as that leaves room for. Factors are taken at
    random among the published ones, the same always; a few pictures are alike, such as
    a small square and the same turned by almost a quarter.
    """

    kind = "small_sprites"
    any_size = True
    class_names = sprites.SHAPES
    num_classes = 3
    num_examples: ClassVar = {"train": 20000, "test": 2000}
    max_overlap = 0.02
    label_names = ("scale", "orientation", "x", "y")

    def read(self, data_dir, label_names, images):
        self.require_no_data_dir(data_dir)
        height, width, channels = images.shape
        alike = height == width >= _LEAST
        rule = f"one number, {_LEAST} or more, for {self.kind}"
        checks.require(alike, "images.size", rule, images.size)
        checks.require(channels == 1, "images.channels", "1", channels)
        return sprites.drawn_small(label_names, height, self.num_examples)
