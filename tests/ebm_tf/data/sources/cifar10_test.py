"""CIFAR-10 as it was published."""

from ebm_tf.data.sources.cifar10 import Cifar10
from tests import miniature


def test_reads_the_archive(tmp_path):
    found = Cifar10().read(miniature.write_cifar10(tmp_path), (), None)
    assert found.splits["train"].num_examples == 50
    assert Cifar10.class_names == miniature.CIFAR10_CLASSES
