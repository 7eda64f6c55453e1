"""Stored images as colours, and states that are none."""

import numpy as np
import pytest

from ebm_tf.box import PIXELS, UNIT, Box, OpenSpace
from ebm_tf.metrics import colours


def test_levels_of_256_are_the_colours():
    stored = np.arange(48, dtype=np.uint8).reshape(2, 4, 2, 3) * 5
    found = colours.of_stored(stored, PIXELS)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, stored)


def test_grey_images_are_repeated():
    stored = np.arange(16, dtype=np.uint8).reshape(2, 4, 2, 1)
    found = colours.of_stored(stored, PIXELS)
    assert found.shape == (2, 4, 2, 3)
    for channel in range(3):
        np.testing.assert_array_equal(found[..., channel], stored[..., 0])


@pytest.mark.parametrize(
    "space, values",
    [
        (Box(low=-1.0, high=1.0, num_levels=None), [-1.0, 0.0, 1.0]),
        (UNIT, [0.0, 0.5, 1.0]),
        (Box(low=0.0, high=1.0, num_levels=3), [0, 1, 2]),
    ],
)
def test_ends_of_any_box_are_0_and_255(space, values):
    dtype = space.storage_dtype.as_numpy_dtype
    found = colours.of_stored(np.array(values, dtype).reshape(1, 3, 1, 1), space)
    np.testing.assert_allclose(found[0, :, 0, 0], [0.0, 127.5, 255.0])


@pytest.mark.parametrize(
    "stored, space, text",
    [
        (np.full([1, 2, 2, 1], -1.0, np.float32), UNIT, "`stored` must be from 0 to 1"),
        (np.full([1, 2, 2, 1], np.nan, np.float32), UNIT, "from 0 to 1, as the box"),
        (
            np.full([1, 2, 2, 1], 9, np.uint8),
            Box(low=0.0, high=1.0, num_levels=8),
            "`stored` must be from 0 to 7, as .* Received: stored='9 to 9'",
        ),
        (np.zeros([1, 2, 2, 1], np.float32), PIXELS, "`stored` must be uint8"),
        (np.zeros([1, 2, 2, 1], np.uint8), UNIT, "`stored` must be float32"),
        (np.zeros([1, 2, 2, 2], np.uint8), PIXELS, "in one channel or three"),
        (np.zeros([1, 4], np.float32), UNIT, r"states of shape \(4,\)"),
        (np.zeros([1, 2, 2, 1], np.float32), OpenSpace(mean=0.0, std=1.0), "in a box"),
    ],
)
def test_states_that_are_no_colours_are_refused(stored, space, text):
    with pytest.raises((ValueError, TypeError), match=text):
        colours.of_stored(stored, space)
