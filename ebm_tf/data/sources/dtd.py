"""DTD: photographs of textures, through TFDS."""

from typing import ClassVar

from ebm_tf.data.sources.base import DataSource


class Dtd(DataSource):
    """1,880 and 1,880 photographs of 47 textures, of any size (Cimpoi et al., 2014)."""

    kind = "dtd"
    any_size = True
    num_classes = 47
    num_examples: ClassVar = {"train": 1880, "test": 1880}
    max_overlap = 0.1
    tfds = "dtd"
    tfds_url = "https://www.robots.ox.ac.uk/~vgg/data/dtd/"
