"""The user's arrays, by the name of their data set."""

import numpy as np

from ebm_tf.data.sources import base


def test_shape_and_space_are_those_of_the_files(tmp_path):
    rows = np.arange(40, dtype=np.uint8).reshape(10, 2, 2)
    np.save(tmp_path / "train.npy", rows)
    np.save(tmp_path / "test.npy", rows + 1)
    source = base.load("arrays", str(tmp_path))
    assert source.shape == (2, 2, 1)
    assert source.space["num_levels"] == 256
    assert source.num_classes is None
    assert source.origin == (f"Arrays in {tmp_path}: 10 train and 10 test examples.")
    assert sorted(source.checksums) == ["test.npy", "train.npy"]
