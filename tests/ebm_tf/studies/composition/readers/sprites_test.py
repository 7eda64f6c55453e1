"""Attributes of sprites, compared with what was asked for."""

import dataclasses

import numpy as np
import pytest

from ebm_tf.box import PIXELS
from ebm_tf.data import sprites
from ebm_tf.studies.composition.readers import CLASS, VALID
from ebm_tf.studies.composition.readers.sprites import (
    ANGLE,
    FRAMES,
    SpritesReaderConfig,
)
from tests.ebm_tf.studies import known

CONFIG = SpritesReaderConfig()


@dataclasses.dataclass
class Model:
    """What the reader asks of a model."""

    state_shape: tuple = (16, 16, 1)


def drawn(rows):
    frame = sprites.FRAMES["small_sprites"]
    found = sprites.render_smooth(np.array(rows, np.float64), 16, frame)
    return np.round(255.0 * found).astype(np.uint8)[..., None]


def reader(config=CONFIG, shape=(16, 16, 1)):
    return config.make(known.subject(Model(shape), space=PIXELS))


@pytest.fixture(scope="module")
def pictures():
    # A square, an ellipse and a heart, each turned by 30 degrees.
    return drawn([[k, 0.8, np.pi / 6, 0.25, 0.75] for k in range(3)])


def test_frames_are_those_that_can_be_drawn():
    assert set(FRAMES) == set(sprites.FRAMES)


def test_it_reads_labels_as_they_are_made(pictures):
    found = reader().read(pictures)
    np.testing.assert_array_equal(found[CLASS], [0, 1, 2])
    assert found[VALID].all()
    np.testing.assert_allclose(found["scale"], 0.6, atol=0.05)
    np.testing.assert_allclose(found["x"], 0.25, atol=0.04)
    np.testing.assert_allclose(found["y"], 0.75, atol=0.04)
    factors = np.array([[0, 0.8, np.pi / 6, 0.25, 0.75]])
    wanted = sprites.labels_of(factors, ("orientation",))[0]
    for name, value in zip(ANGLE, wanted):
        np.testing.assert_allclose(found[name], value, atol=0.05)


def test_turns_of_symmetry_are_the_same_orientation(pictures):
    made = reader()
    found = made.read(pictures)

    def agree(degrees):
        angle = np.full(3, np.radians(degrees))
        both = [(1.0 + fn(angle)) / 2.0 for fn in (np.cos, np.sin)]
        return made.agree(ANGLE, dict(zip(ANGLE, both)), found).tolist()

    assert agree(30) == agree(40) == [True, True, True]
    assert agree(50) == [False, False, False]
    assert agree(120) == [True, False, False]
    assert agree(210) == [True, True, False]
    assert agree(-330) == [True, True, True]


def test_numbers_agree_within_their_tolerance(pictures):
    made = reader()
    found = made.read(pictures)
    for asked, agrees in ((0.4, True), (0.55, False)):
        same = made.agree(("x",), {"x": np.full(3, asked)}, found)
        assert same.all() if agrees else not same.any()
    both = {"x": np.full(3, 0.25), "y": np.full(3, 0.25)}
    assert not made.agree(("x", "y"), both, found).any()
    kinds = {CLASS: np.array([0, 1, 1])}
    assert made.agree((), kinds, found).tolist() == [True, True, False]


def test_what_is_no_shape_has_no_attribute():
    made = reader()
    empty = np.zeros([2, 16, 16, 1], np.uint8)
    empty[1] = np.random.default_rng(0).integers(0, 255, [16, 16, 1])
    found = made.read(empty)
    assert not found[VALID].any()
    assert not made.agree((), {CLASS: found[CLASS]}, found).any()
    angle = {name: found[name] for name in ANGLE}
    assert not made.agree(ANGLE, angle, found).any()


def test_what_is_asked_for_is_any_of_the_same_orientations(pictures):
    many = np.repeat(pictures, 24, axis=0)
    made = reader()
    asked = made.known(many, None)
    cosine, sine = (2.0 * asked[name] - 1.0 for name in ANGLE)
    degrees = np.mod(np.degrees(np.arctan2(sine, cosine)), 360.0)
    each = [set(np.round(part / 30.0).astype(int)) for part in degrees.reshape(3, 24)]
    assert each == [{1, 4, 7, 10}, {1, 7}, {1}]
    assert made.agree(ANGLE, asked, made.read(many)).all()


def test_bad_settings_and_states_are_named():
    for name, value in (("scale", 0.0), ("position", 1.0), ("orientation", 50.0)):
        with pytest.raises(ValueError, match=f"`{name}` must be"):
            SpritesReaderConfig(**{name: value})
    with pytest.raises(ValueError, match="`frame` must be one of"):
        SpritesReaderConfig(frame="other")
    for shape in ((16, 16, 3), (16, 12, 1), (9,)):
        with pytest.raises(ValueError, match="`reader.kind` must be one that reads"):
            reader(shape=shape)
