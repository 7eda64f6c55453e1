"""A picture that is drawn on."""

import numpy as np
import pytest

from ebm_tf.box import PIXELS, UNIT
from pipeline.demo_page.canvas import Canvas


def test_a_pixel_of_the_picture_is_all_channels_of_the_state():
    canvas = Canvas((2, 3, 3), PIXELS)
    assert canvas.hole() is None
    canvas.paint("111111")  # there is nothing to draw on
    state = np.arange(18).reshape(2, 3, 3).astype(np.uint8)
    canvas.take(state)
    assert canvas.hole() is None
    canvas.paint("010001")
    hole = canvas.hole()
    np.testing.assert_array_equal(hole.known, state)
    assert np.argwhere(hole.is_unknown.all(axis=-1)).tolist() == [[0, 1], [1, 2]]
    assert hole.is_unknown.sum() == 6
    with pytest.raises(ValueError, match="`mask` must be 6 of 0 and 1"):
        canvas.paint("0100010")
    canvas.clear()
    assert canvas.is_taken and canvas.hole() is None
    canvas.forget()
    assert not canvas.is_taken


def test_a_row_of_the_picture_of_a_sequence_is_a_number_of_it():
    canvas = Canvas((3, 2), UNIT)
    canvas.take(np.zeros((3, 2), np.float32))
    assert canvas.picture().shape == (2, 3, 1)
    canvas.paint("001000")  # the first number at the last moment
    assert np.argwhere(canvas.hole().is_unknown).tolist() == [[2, 0]]
