"""Chunks of states are the examples, the same every time."""

import numpy as np

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.data.dequantized import Dequantized
from ebm_tf.data.shards import Examples, write_split


def test_all_examples_in_order_and_the_same_again(tmp_path):
    stored = np.random.default_rng(0).integers(0, 256, (8, 3, 2, 1), np.uint8)
    folder = str(tmp_path / "train")
    write_split(folder, [(stored, np.zeros(8, np.int32))], 5)
    chunks = Dequantized(Examples(folder), rng.make_seed(0), size=3)
    first, second = list(chunks), list(chunks)
    assert [len(chunk) for chunk in first] == [3, 3, 2]
    x = np.concatenate(first)
    assert np.array_equal(PIXELS.encode(x), stored)
    assert np.array_equal(x, np.concatenate(second))
