"""MNIST as it was published."""

from ebm_tf.data.sources.mnist import Mnist
from tests import miniature


def test_reads_the_four_files(tmp_path):
    found = Mnist().read(miniature.write_mnist(tmp_path), (), None)
    assert {n: s.num_examples for n, s in found.splits.items()} == {
        "train": 64,
        "test": 32,
    }
    assert len(found.paths) == 4
