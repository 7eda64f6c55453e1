"""Figures of images: each image in its place, with its words."""

import numpy as np
import pytest

from ebm_tf.plots import pictures


def _images(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def _shown(axes):
    return axes.get_images()[0].get_array()


def test_image_grid_shows_every_image_with_its_title():
    images = _images(5, 4, 4, 3)
    figure = pictures.image_grid(images, 3, titles=list("abcde"))
    assert [axes.get_title() for axes in figure.axes] == list("abcde")
    for axes, image in zip(figure.axes, images):
        np.testing.assert_array_equal(_shown(axes), image)


def test_gray_levels_are_not_stretched():
    figure = pictures.image_grid(np.full([1, 2, 2, 1], 100, np.uint8), 1)
    assert np.all(_shown(figure.axes[0]) == 100)


def test_film_strip_has_a_row_for_each_chain_and_says_the_steps():
    trace = _images(3, 2, 4, 4, 1)
    figure = pictures.film_strip(trace, [0, 1000, 2000])
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == ["0", "1,000", "2,000", "", "", ""]
    for row in range(2):
        for time in range(3):
            shown = _shown(figure.axes[3 * row + time])
            np.testing.assert_array_equal(shown[..., :1], trace[time, row])


def test_neighbours_stand_beside_their_sample_with_their_distances():
    samples, found = _images(2, 4, 4, 3), _images(2, 3, 4, 4, 3)
    distances = np.array([[1.0, 2.0, 3.0], [0.0, 0.125, 12.5]])
    figure = pictures.neighbours(samples, found, distances)
    labels = [axes.get_xlabel() for axes in figure.axes]
    assert labels == ["", "1.00", "2.00", "3.00", "", "0.00", "0.12", "12.50"]
    titles = [axes.get_title() for axes in figure.axes[:4]]
    assert titles == ["sample", "nearest", "2nd", "3rd"]
    np.testing.assert_array_equal(_shown(figure.axes[4]), samples[1])
    np.testing.assert_array_equal(_shown(figure.axes[6]), found[1, 1])


def test_shapes_that_do_not_go_together_are_refused():
    images = _images(2, 4, 4, 1)
    with pytest.raises(ValueError, match="`titles` must be as many"):
        pictures.image_grid(images, 2, titles=["one"])
    with pytest.raises(ValueError, match="`images` must be"):
        pictures.image_grid(_images(2, 4, 4, 2), 2)
    with pytest.raises(ValueError, match="`steps` must be as many"):
        pictures.film_strip(images[None], [0, 1])
    with pytest.raises(ValueError, match="`distances` must be"):
        pictures.neighbours(images, _images(2, 3, 4, 4, 1), np.ones([2, 2]))
