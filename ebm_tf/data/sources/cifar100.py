"""CIFAR-100: small photographs in a hundred classes, through TFDS."""

from typing import ClassVar

from ebm_tf.data.sources.base import DataSource


class Cifar100(DataSource):
    """50,000 and 10,000 photographs, 32x32, colour (Krizhevsky, 2009)."""

    kind = "cifar100"
    shape = (32, 32, 3)
    num_classes = 100
    num_examples: ClassVar = {"train": 50000, "test": 10000}
    max_overlap = 0.1
    tfds = "cifar100"
    tfds_url = "https://www.cs.toronto.edu/~kriz/"
