"""A data set in one file: stripes of 8x8 pixels, drawn when it is read."""

import numpy as np

from ebm_tf.data import in_memory
from ebm_tf.data.sources.base import DataSource
from ebm_tf.data.types import Found


class Stripes(DataSource):
    """Stripes across and along, of any brightness."""

    kind = "stripes"
    shape = (8, 8, 1)
    class_names = ("across", "along")
    num_classes = 2
    max_overlap = 1.0  # so few stripes are drawn more than once

    def read(self, data_dir, label_names, images):
        """Returns them; there is no file."""
        self.require_no_data_dir(data_dir)
        rng = np.random.default_rng(0)
        splits = {name: _split(rng, num) for name, num in (("train", 96), ("test", 32))}
        return Found(splits=splits, paths=[], origin="Drawn.", checksums={})


def _split(rng, num):
    labels = np.arange(num, dtype=np.int32) % 2
    images = np.zeros([num, 8, 8, 1], np.uint8)
    images[:, ::2] = rng.integers(40, 256, [num, 1, 1, 1])
    images[labels == 1] = images[labels == 1].swapaxes(1, 2)
    return in_memory.split(images, labels)
