"""Data sets by name, from folders of published files."""

import hashlib
import logging
import shutil
import subprocess
import sys

import numpy as np
import pytest

from ebm_tf.data import sources
from ebm_tf.data.config import ImagesConfig
from tests import miniature


@pytest.mark.parametrize("dataset", ["mnist", "fashion_mnist"])
def test_idx_folder(tmp_path, dataset, caplog):
    with caplog.at_level(logging.WARNING):
        source = sources.load(dataset, miniature.write_mnist(tmp_path))
    assert source.name == dataset
    assert source.shape == (28, 28, 1)
    assert source.num_classes == len(source.class_names) == 10
    assert {k: s.num_examples for k, s in source.splits.items()} == {
        "train": 64,
        "test": 32,
    }
    counts = "64 train and 32 test examples of the published 60000 train and 10000 test"
    assert source.origin == f"Published files in {tmp_path}: {counts}."
    assert caplog.messages == [f"{dataset}: {counts}"]
    assert source.checksums == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in tmp_path.iterdir()
    }


@pytest.mark.parametrize("archived", [True, False])
def test_cifar10(tmp_path, archived):
    folder = miniature.write_cifar10(tmp_path, archived=archived)
    source = sources.load("cifar10", folder)
    assert source.shape == (32, 32, 3)
    assert source.class_names == miniature.CIFAR10_CLASSES
    assert len(source.checksums) == (1 if archived else 6)
    for name, num in (("train", 50), ("test", 10)):
        [(images, labels)] = _joined(source.splits[name])
        assert images.shape == (num, 32, 32, 3)
        assert sorted(labels) == sorted(np.arange(num) % 10)


def test_unknown_name_lists_the_known():
    with pytest.raises(ValueError) as caught:
        sources.load("minst", None)
    assert str(caught.value) == (
        "`dataset` must be one of mnist, fashion_mnist, cifar10, cifar100, "
        "svhn_cropped, dtd, imagenet32, imagenet2012, celeb_a, dsprites, folder, "
        "trajectory. "
        "Received: dataset='minst'"
    )


def test_folder_does_not_exist(tmp_path):
    path = tmp_path / "none"
    with pytest.raises(FileNotFoundError) as caught:
        sources.load("mnist", str(path))
    assert str(caught.value) == f"`data_dir` does not exist: {path}"


@pytest.mark.parametrize("dataset", ["mnist", "fashion_mnist", "cifar10"])
def test_files_of_another_set(tmp_path, dataset):
    if dataset == "cifar10":
        folder, name = miniature.write_mnist(tmp_path), "cifar-10-binary.tar.gz"
    else:
        folder, name = miniature.write_cifar10(tmp_path), "train-images-idx3-ubyte"
    with pytest.raises(FileNotFoundError, match=f"does not exist.*{name}"):
        sources.load(dataset, folder)


def test_damage_is_found_before_anything_is_used(tmp_path):
    folder = miniature.write_mnist(tmp_path, gzipped=False)
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="must hold 50176 bytes after its header"):
        sources.load("mnist", folder)


def test_a_test_set_that_is_the_training_set(tmp_path):
    folder = miniature.write_mnist(tmp_path)
    for kind in ("images-idx3", "labels-idx1"):
        shutil.copy(
            tmp_path / f"train-{kind}-ubyte.gz", tmp_path / f"t10k-{kind}-ubyte.gz"
        )
    with pytest.raises(ValueError) as caught:
        sources.load("mnist", folder)
    assert str(caught.value) == (
        "`t10k-images-idx3-ubyte.gz` must differ from train-images-idx3-ubyte.gz. "
        "Received: the same bytes"
    )


def test_local_files_need_no_tensorflow(tmp_path):
    folder = miniature.write_mnist(tmp_path)
    program = (
        "import sys; from ebm_tf.data import sources; "
        f"sources.load('mnist', {folder!r}); assert 'tensorflow' not in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        env={"PYTHONPATH": ":".join(p or "." for p in sys.path)},
    )


@pytest.mark.parametrize("dataset, name", [("celeb_a", "Mail"), ("mnist", "x")])
def test_labels_that_a_data_set_does_not_have(dataset, name):
    images = ImagesConfig(size=8, channels=3, corrupt="fail", test_share=0.1)
    given = images if dataset == "celeb_a" else None
    with pytest.raises(ValueError, match="`label_names` must be one of"):
        sources.load(dataset, None, (name,), given)


def _joined(split):
    images, labels = zip(*split.chunks(), strict=True)
    return [(np.concatenate(images), np.concatenate(labels))]
