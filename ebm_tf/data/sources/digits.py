"""Handwritten digits that scikit-learn ships: no download, no file."""

import hashlib
from typing import ClassVar

import numpy as np

from ebm_tf.data import in_memory, strokes
from ebm_tf.data.sources.base import DataSource
from ebm_tf.data.types import Found

_TEST_SHARE = 0.2


class Digits(DataSource):
    """1,797 digits, 8x8, gray, in 17 levels (Alpaydin & Kaynak, 1998).

    The test set of the UCI data set "Optical Recognition of Handwritten Digits". A
    fifth of each class is the test set here, the same always: the images whose
    SHA-256 comes first.
    """

    kind = "digits"
    shape = (8, 8, 1)
    space: ClassVar = {"kind": "box", "low": 0.0, "high": 1.0, "num_levels": 17}
    class_names = tuple("0123456789")
    num_classes = 10
    label_names = strokes.NAMES
    is_measured = True

    def read(self, data_dir, label_names, images):
        self.require_no_data_dir(data_dir)
        import sklearn
        from sklearn import datasets

        found = datasets.load_digits()
        levels = found.images.astype(np.uint8)[..., None]
        labels = found.target.astype(np.int32)
        is_test = _is_test(levels, labels)
        parts = {"train": ~is_test, "test": is_test}
        digest = hashlib.sha256(levels.tobytes() + labels.tobytes()).hexdigest()
        return Found(
            splits={
                name: in_memory.split(levels[rows], labels[rows])
                for name, rows in parts.items()
            },
            paths=[],
            origin=f"UCI Optical Recognition of Handwritten Digits, as scikit-learn "
            f"{sklearn.__version__} ships them",
            checksums={"sklearn.datasets.load_digits": digest},
        )


def _is_test(levels: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns which images are held out, bool `[N]`: a fifth of each class."""
    keys = [hashlib.sha256(image.tobytes()).digest() for image in levels]
    is_test = np.zeros(len(levels), bool)
    for label in np.unique(labels):
        rows = sorted(np.flatnonzero(labels == label), key=lambda row: keys[row])
        is_test[rows[: round(_TEST_SHARE * len(rows))]] = True
    return is_test
