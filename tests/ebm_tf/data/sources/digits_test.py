"""The digits of scikit-learn: real, in 17 levels, always divided alike."""

import hashlib

import numpy as np
import pytest
from sklearn import datasets

from ebm_tf.data.sources import base


def _whole(split):
    states, labels = zip(*split.chunks(), strict=True)
    return np.concatenate(states), np.concatenate(labels)


def test_all_1797_are_there_once():
    source = base.load("digits", None)
    assert source.shape == (8, 8, 1) and source.num_classes == 10
    parts = {name: _whole(split) for name, split in source.splits.items()}
    states, labels = (np.concatenate(part) for part in zip(*parts.values()))
    assert states.dtype == np.uint8 and states.max() == 16 and states.min() == 0
    assert labels.dtype == np.int32
    real = datasets.load_digits()
    want = {(image.astype(np.uint8).tobytes(), y) for image, y in zip(*_pair(real))}
    assert len(states) == 1797
    assert {(image.tobytes(), y) for image, y in zip(states, labels)} == want


def _pair(real):
    return real.images, real.target


def test_the_test_set_is_a_fifth_of_each_class_and_stays():
    source = base.load("digits", None)
    assert {n: s.num_examples for n, s in source.splits.items()} == {
        "train": 1438,
        "test": 359,
    }
    states, labels = _whole(source.splits["test"])
    counts = np.bincount(labels)
    whole = np.bincount(datasets.load_digits().target)
    np.testing.assert_array_equal(counts, np.round(0.2 * whole))
    # Of this test set and no other.
    assert hashlib.sha256(states.tobytes()).hexdigest()[:16] == "724e19f1790e841f"


def test_the_manifest_says_where_they_come_from():
    source = base.load("digits", None)
    assert source.origin.startswith(
        "UCI Optical Recognition of Handwritten Digits, as scikit-learn "
    )
    [(name, digest)] = source.checksums.items()
    assert name == "sklearn.datasets.load_digits" and len(digest) == 64


def test_no_folder_is_read(tmp_path):
    with pytest.raises(ValueError, match="`data_dir` must be left out: digits"):
        base.load("digits", str(tmp_path))
