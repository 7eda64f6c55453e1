"""Slant and width of bars that are drawn with them."""

import numpy as np
import pytest

from ebm_tf.data import strokes
from ebm_tf.data.sources import base
from tests import miniature

SIZE = 28


def bar(shear=0.0, width=4.0, fineness=8):
    """Returns an upright bar of a width, its top moved to the right by the shear."""
    places = (np.arange(SIZE * fineness) + 0.5) / fineness
    row, column = places[:, None], places[None]
    across = np.abs(column - 14.0 + shear * (row - 14.0))
    inside = (across < width / 2.0) & (np.abs(row - 14.0) < 11.0)
    return inside.reshape(SIZE, fineness, SIZE, fineness).mean(axis=(1, 3))


@pytest.mark.parametrize("shear", [-0.5, 0.0, 0.3])
def test_slant_is_the_shear(shear):
    found = strokes.shear(255.0 * bar(shear)[None])
    np.testing.assert_allclose(found, shear, atol=0.01)


@pytest.mark.parametrize("width", [2.0, 3.0, 4.5, 6.0])
def test_width_is_that_of_the_bar(width):
    # Ends of a bar of 22 are edges too: by their share it is narrower than its width.
    found = strokes.stroke_width(bar(width=width)[None])[0]
    assert width * (1.0 - width / 22.0) < found < 1.1 * width


def test_nothing_has_no_slant_and_no_width():
    empty = np.zeros([1, 8, 8])
    assert strokes.shear(empty) == 0.0 and strokes.stroke_width(empty) == 0.0


def test_labels_are_numbers_in_their_order():
    pictures = np.stack([bar(0.3), bar(-2.0)])[..., None]
    found = strokes.labels_of(pictures, ("stroke_width", "slant"))
    assert found.dtype == np.float32 and found.shape == (2, 2)
    np.testing.assert_allclose(found[:, 1], [0.65, 0.0], atol=0.01)
    width = strokes.stroke_width(pictures[:1, ..., 0])[0]
    np.testing.assert_allclose(found[0, 0], width / 7.0, rtol=1e-6)


def test_digits_and_mnist_have_them(tmp_path):
    source = base.load("digits", None, ("slant",))
    assert source.num_classes is None and source.label_names == ("slant",)
    pictures, labels = next(source.splits["test"].chunks())
    np.testing.assert_array_equal(labels, strokes.labels_of(pictures, ("slant",)))
    assert 0.2 < np.mean(labels > 0.5) < 0.8  # they lean to either side
    folder = miniature.write_mnist(tmp_path)
    mnist = base.load("mnist", folder, ("stroke_width", "slant"))
    pictures, labels = next(mnist.splits["train"].chunks())
    assert labels.shape == (len(pictures), 2) and mnist.class_names == ()
    assert base.load("digits", None).num_classes == 10
