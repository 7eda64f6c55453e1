"""ImageNet, through TFDS."""

from typing import ClassVar

from ebm_tf.data.sources.base import DataSource


class ImageNet2012(DataSource):
    """1,281,167 and 50,000 photographs of any size (Russakovsky et al., 2015)."""

    kind = "imagenet2012"
    any_size = True
    num_classes = 1000
    num_examples: ClassVar = {"train": 1281167, "test": 50000}
    max_overlap = 0.1
    tfds = "imagenet2012"
    tfds_test = "validation"
    tfds_url = "http://www.image-net.org/"
