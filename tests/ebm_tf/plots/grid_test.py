"""Grids: every pixel of every image is where it should be."""

import numpy as np
import pytest
from PIL import Image

from ebm_tf.box import PIXELS, UNIT, Box
from ebm_tf.plots import grid


def _images(num, channels):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, [num, 3, 4, channels], dtype=np.uint8)


def test_tile_places_images_row_by_row_with_gray_between():
    images = _images(5, 1)
    canvas = grid.tile(images, columns=3)
    assert canvas.shape == (2 + 2 * (3 + 2), 2 + 3 * (4 + 2), 1)
    np.testing.assert_array_equal(canvas[2:5, 2:6], images[0])
    np.testing.assert_array_equal(canvas[2:5, 14:18], images[2])
    np.testing.assert_array_equal(canvas[7:10, 8:12], images[4])
    assert np.all(canvas[:2] == 128) and np.all(canvas[7:, 14:] == 128)


def test_tile_takes_images_without_channels_and_never_widens_a_short_row():
    images = _images(2, 1)
    canvas = grid.tile(images[..., 0], columns=8)
    np.testing.assert_array_equal(canvas, grid.tile(images, columns=2))


def test_scale_repeats_every_pixel():
    images = _images(4, 3)
    plain, big = grid.tile(images, 2), grid.tile(images, 2, scale=3)
    assert big.shape == (3 * plain.shape[0], 3 * plain.shape[1], 3)
    for row in range(3):
        np.testing.assert_array_equal(big[row::3, row::3], plain)


def test_floats_become_the_bin_they_lie_in():
    values = np.array([-1.0, 0.0, 0.5 / 256, 1 / 256, 0.5, 1.0, 2.0, np.nan])
    np.testing.assert_array_equal(grid.to_uint8(values), [0, 0, 0, 1, 128, 255, 255, 0])


def test_every_level_survives_its_bin_center():
    levels = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(grid.to_uint8((levels + 0.5) / 256), levels)


def test_strip_has_a_row_for_each_chain():
    trace = np.zeros([3, 2, 1, 1], np.uint8)
    trace[:, 1] = [[[10]], [[20]], [[30]]]
    canvas = grid.strip(trace)[..., 0]
    np.testing.assert_array_equal(canvas[2, 2:-1:3], [0, 0, 0])
    np.testing.assert_array_equal(canvas[5, 2:-1:3], [10, 20, 30])


@pytest.mark.parametrize("channels", [1, 3])
def test_png_is_lossless(tmp_path, channels):
    canvas = grid.tile(_images(6, channels), 3, scale=2)
    grid.write_png(tmp_path / "grid.png", canvas)
    read = np.asarray(Image.open(tmp_path / "grid.png"))
    np.testing.assert_array_equal(read.reshape(canvas.shape), canvas)


@pytest.mark.parametrize("shape", [(0, 2, 2, 1), (2, 2), (1, 2, 2, 4)])
def test_what_is_no_set_of_images_is_refused(shape):
    with pytest.raises(ValueError, match="`images` must be"):
        grid.tile(np.zeros(shape, np.uint8), 2)


def test_what_is_no_image_is_refused(tmp_path):
    with pytest.raises(ValueError, match="`image` must be"):
        grid.write_png(tmp_path / "x.png", np.zeros([2, 2, 2], np.uint8))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("channels", [1, 3])
def test_gif_has_every_frame_and_rests_at_the_last(tmp_path, channels):
    # Far enough apart for a palette of 256 colors.
    frames = [np.full([4, 6, channels], level, np.uint8) for level in (0, 100, 250)]
    grid.write_gif(tmp_path / "chain.gif", frames, seconds=3.0)
    with Image.open(tmp_path / "chain.gif") as gif:
        assert gif.n_frames == 3 and gif.size == (6, 4)
        durations = []
        for index, frame in enumerate(frames):
            gif.seek(index)
            durations.append(gif.info["duration"])
            np.testing.assert_array_equal(np.asarray(gif.convert("L")), frame[..., 0])
    assert durations == [1000, 1000, 2500]


def test_no_frame_is_no_gif(tmp_path):
    with pytest.raises(ValueError, match="`frames` must be one image or more"):
        grid.write_gif(tmp_path / "x.gif", [], seconds=1.0)


def test_sequences_are_shown_as_gray_pictures_with_time_to_the_right():
    states = np.random.default_rng(0).random([2, 5, 3]).astype(np.float32)
    images = grid.as_images(states, 2, UNIT)
    assert images.shape == (2, 3, 5, 1)
    np.testing.assert_array_equal(images[1, :, 4, 0], grid.to_uint8(states[1, 4]))
    levels = np.zeros([2, 4, 4, 1], np.uint8)
    assert grid.as_images(levels, 3, PIXELS) is levels


def test_images_of_few_levels_are_shown_from_black_to_white():
    levels = np.array([0, 16], np.uint8).reshape(1, 1, 2, 1)
    space = Box(low=0.0, high=1.0, num_levels=17)
    np.testing.assert_array_equal(grid.as_images(levels, 3, space).ravel(), [0, 255])


def test_what_can_be_shown():
    assert [grid.can_show(shape) for shape in ((8, 8, 3), (8, 8, 1), (5, 2))] == [
        True
    ] * 3
    assert not any(map(grid.can_show, ((2,), (8, 8, 2), (2, 8, 8, 3))))
