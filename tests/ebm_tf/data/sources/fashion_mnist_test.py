"""Fashion-MNIST as it was published."""

from ebm_tf.data.sources.fashion_mnist import FashionMnist
from tests import miniature


def test_reads_the_four_files_under_names_of_its_own(tmp_path):
    found = FashionMnist().read(miniature.write_mnist(tmp_path), (), None)
    assert found.splits["test"].num_examples == 32
    assert FashionMnist.class_names[9] == "Ankle boot"
