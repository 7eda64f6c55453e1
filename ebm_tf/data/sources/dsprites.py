"""dSprites: shapes that vary in scale, orientation and position."""

import os
from typing import ClassVar

from ebm_tf.data import sprites
from ebm_tf.data.sources.base import DataSource


class DSprites(DataSource):
    """737,280 white shapes on black, 64x64; drawn without a folder."""

    kind = "dsprites"
    shape = (64, 64, 1)
    class_names = sprites.SHAPES
    num_classes = 3
    num_examples: ClassVar = {"train": 727280, "test": 10000}
    files = "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz"
    label_names = ("scale", "orientation", "x", "y")

    def read(self, data_dir, label_names, images):
        if data_dir is None:
            return sprites.drawn(label_names)
        return sprites.read(os.path.join(data_dir, self.files), label_names)
