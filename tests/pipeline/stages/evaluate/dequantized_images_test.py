"""Images that likelihoods are measured on."""

import numpy as np

from pipeline.stages.evaluate import dequantized_images
from pipeline.store import artifacts
from tests import small_run


def test_images_are_drawn_and_dequantized_by_their_seeds(tmp_path):
    examples = artifacts.peek(small_run.make_examples(tmp_path), "examples")

    def read(seed, place, num=10):
        return dequantized_images.read(examples, "test", num, seed, place)

    x, labels = read(0, 0)
    assert x.shape == (10, 8, 8, 1) and len(labels) == 10
    again, _ = read(0, 0)
    np.testing.assert_array_equal(x, again)
    other, same = read(0, 1)  # the same images, other noise
    np.testing.assert_array_equal(labels, same)
    np.testing.assert_array_equal(np.floor(256 * x), np.floor(256 * other))
    assert np.any(x != other)
    assert len(read(0, 0, num=1000)[0]) == 30
