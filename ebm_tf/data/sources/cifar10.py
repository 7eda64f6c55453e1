"""CIFAR-10: small photographs in ten classes."""

from typing import ClassVar

from ebm_tf.data import cifar_binary
from ebm_tf.data.sources.base import DataSource


class Cifar10(DataSource):
    """50,000 and 10,000 photographs, 32x32, colour (Krizhevsky, 2009)."""

    kind = "cifar10"
    shape = (32, 32, 3)
    class_names = (
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    )
    num_classes = 10
    num_examples: ClassVar = {"train": 50000, "test": 10000}
    max_overlap = 0.1
    files = cifar_binary.FILES
    tfds = "cifar10"
    tfds_url = "https://www.cs.toronto.edu/~kriz/"

    def read(self, data_dir, label_names, images):
        return cifar_binary.read(data_dir, self.class_names)
