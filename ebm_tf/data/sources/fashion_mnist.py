"""Fashion-MNIST: pictures of clothes."""

from typing import ClassVar

from ebm_tf.data import idx
from ebm_tf.data.sources.base import DataSource


class FashionMnist(DataSource):
    """60,000 and 10,000 pictures of clothes, 28x28, gray (Xiao et al., 2017)."""

    kind = "fashion_mnist"
    shape = (28, 28, 1)
    class_names = (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    )
    num_classes = 10
    num_examples: ClassVar = {"train": 60000, "test": 10000}
    max_overlap = 0.1
    files = f"{idx.FILES} (each gzipped or not)"
    tfds = "fashion_mnist"
    tfds_url = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"

    def read(self, data_dir, label_names, images):
        return idx.read(data_dir, self.shape, self.num_classes)
