"""ImageNet at 32x32, through TFDS."""

from typing import ClassVar

from ebm_tf.data.sources.base import DataSource


class ImageNet32(DataSource):
    """1,281,167 and 50,000 photographs, colour (Chrabaszcz et al., 2017)."""

    kind = "imagenet32"
    shape = (32, 32, 3)
    num_classes = 1000
    num_examples: ClassVar = {"train": 1281167, "test": 50000}
    max_overlap = 0.1
    tfds = "imagenet_resized/32x32"
    tfds_test = "validation"
    tfds_url = "http://www.image-net.org/"
