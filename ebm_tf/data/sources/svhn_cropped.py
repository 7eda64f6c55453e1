"""SVHN: house numbers, cropped to one digit, through TFDS."""

from typing import ClassVar

from ebm_tf.data.sources.base import DataSource


class SvhnCropped(DataSource):
    """73,257 and 26,032 photographs of digits, 32x32, colour (Netzer et al., 2011)."""

    kind = "svhn_cropped"
    shape = (32, 32, 3)
    num_classes = 10
    num_examples: ClassVar = {"train": 73257, "test": 26032}
    max_overlap = 0.1
    tfds = "svhn_cropped"
    tfds_url = "http://ufldl.stanford.edu/housenumbers/"
