"""MNIST: handwritten digits."""

from typing import ClassVar

from ebm_tf.data import idx, strokes
from ebm_tf.data.sources.base import DataSource


class Mnist(DataSource):
    """60,000 and 10,000 handwritten digits, 28x28, gray (LeCun et al., 1998)."""

    kind = "mnist"
    shape = (28, 28, 1)
    class_names = tuple("0123456789")
    num_classes = 10
    label_names = strokes.NAMES
    is_measured = True
    num_examples: ClassVar = {"train": 60000, "test": 10000}
    files = f"{idx.FILES} (each gzipped or not)"
    tfds = "mnist"
    tfds_url = "https://storage.googleapis.com/cvdf-datasets/mnist/"

    def read(self, data_dir, label_names, images):
        return idx.read(data_dir, self.shape, self.num_classes)
