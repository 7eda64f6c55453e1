"""Shapes that are drawn are found again, with all that they were drawn with."""

import numpy as np
import pytest

from ebm_tf.data import sprites
from ebm_tf.studies.composition import shapes

FRAME = sprites.FRAMES["small_sprites"]
NUM = 40


@pytest.fixture(scope="module")
def factors():
    draw = np.random.default_rng(0).choice(sprites.NUM_IMAGES, NUM, replace=False)
    return sprites.factors_of(draw)


def turned_by(fitted, factors):
    """Returns the difference of orientations, degrees, but for turns of symmetry."""
    turn = 2.0 * np.pi / shapes.SYMMETRY[fitted.shape]
    apart = np.mod(factors[:, 2] - fitted.angle + turn / 2.0, turn) - turn / 2.0
    return np.degrees(np.abs(apart))


@pytest.mark.parametrize("name, size", [("small_sprites", 16), ("dsprites", 32)])
def test_what_is_drawn_is_read(factors, name, size):
    frame = sprites.FRAMES[name]
    found = shapes.fit(sprites.render_smooth(factors, size, frame), frame)
    assert np.mean(found.shape == factors[:, 0]) > 0.96
    pixel = 64.0 / size
    assert np.abs(found.scale - factors[:, 1]).max() < 0.4 * pixel / frame.half
    for at, place in ((found.x, 3), (found.y, 4)):
        assert np.abs(at - factors[:, place]).max() * frame.way < 0.6 * pixel
    right = found.shape == factors[:, 0]
    assert np.median(turned_by(found, factors)[right]) < 5.0
    assert found.explained.min() > 0.95


def test_a_little_noise_changes_little(factors):
    drawn = sprites.render_smooth(factors, 16, FRAME)
    noise = np.random.default_rng(1).normal(0.0, 0.03, drawn.shape)
    found = shapes.fit(np.clip(drawn + noise, 0.0, 1.0), FRAME)
    assert np.mean(found.shape == factors[:, 0]) > 0.96
    assert np.abs(found.scale - factors[:, 1]).max() < 0.1
    assert np.abs(found.x - factors[:, 3]).max() < 0.1


def test_what_is_no_shape_is_not_explained():
    draw = np.random.default_rng(0)
    cross = np.zeros([16, 16])
    cross[7:9, 2:14] = cross[2:14, 7:9] = 1.0
    corners = np.zeros([16, 16])
    corners[:4, :4] = corners[-4:, -4:] = 1.0
    gap = np.square(np.mgrid[0:16, 0:16] - 7.5).sum(axis=0)
    ring = 1.0 * (np.abs(np.sqrt(gap) - 5.0) < 1.0)
    blob = np.exp(-gap / 12.0)
    others = np.stack([np.zeros([16, 16]), draw.random([16, 16])])
    found = shapes.fit(
        np.concatenate([np.stack([cross, corners, ring, blob]), others]), FRAME
    )
    assert found.explained.max() < 0.85
    assert found.explained[4] == 0.0
