"""dSprites: what is drawn, by geometry; the published file, and damage to it."""

import math

import numpy as np
import pytest

from ebm_tf.data import sprites
from ebm_tf.data.sources import base
from tests import miniature

FILE = "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz"


def draw(shape=0, scale=1.0, angle=0.0, x=0.5, y=0.5):
    image = sprites.render(np.asarray([[shape, scale, angle, x, y]], np.float64))
    assert image.shape == (1, 64, 64, 1) and set(np.unique(image)) == {0, 255}
    return image[0, ..., 0] > 0


def middle(inside):
    """Returns the mean row and column, pixels."""
    return [float(axis.mean()) + 0.5 for axis in np.nonzero(inside)]


def test_factors_are_numbered_as_published():
    assert sprites.NUM_IMAGES == 737_280
    np.testing.assert_array_equal(
        sprites.factors_of(np.asarray([0, 1, 32, 1024, 40 * 1024, 6 * 40 * 1024])),
        [
            [0, 0.5, 0, 0, 0],
            [0, 0.5, 0, 0, 1 / 31],
            [0, 0.5, 0, 1 / 31, 0],
            [0, 0.5, 2 * math.pi / 39, 0, 0],
            [0, 0.6, 0, 0, 0],
            [1, 0.5, 0, 0, 0],
        ],
    )


def test_a_square_has_its_area_at_every_scale():
    for scale in sprites.FACTORS["scale"]:
        # Pixels whose middle is inside: sides of 16 * scale, to a pixel.
        side = math.sqrt(draw(scale=scale).sum())
        assert abs(side - 16 * scale) <= 1.0


def test_an_ellipse_is_twice_as_long_as_wide():
    rows, columns = np.nonzero(draw(1))
    assert abs(np.ptp(columns) + 1 - 2 * (np.ptp(rows) + 1)) <= 2


def test_a_heart_points_down():
    inside = draw(2, x=16 / 31)
    width = inside.sum(axis=1)
    rows = np.flatnonzero(width)
    assert width[rows[-1]] < width[rows[0]]
    np.testing.assert_array_equal(inside, inside[:, ::-1])


@pytest.mark.parametrize("shape", range(3))
def test_position_moves_the_shape_and_nothing_else(shape):
    start = middle(draw(shape, x=0.0, y=0.0))
    right, down = middle(draw(shape, x=1.0, y=0.0)), middle(draw(shape, x=0.0, y=1.0))
    np.testing.assert_allclose(right, [start[0], start[1] + 31], atol=1e-9)
    np.testing.assert_allclose(down, [start[0] + 31, start[1]], atol=1e-9)


@pytest.mark.parametrize("shape", range(3))
def test_a_quarter_turn_is_counterclockwise(shape):
    # In the middle of the image, which rot90 turns about.
    turned = draw(shape, angle=math.pi / 2, x=16 / 31, y=16 / 31)
    upright = draw(shape, x=16 / 31, y=16 / 31)
    differ = (turned != np.rot90(upright)).mean()
    assert differ < 0.005  # edges that fall on the middle of a pixel


def test_no_shape_touches_the_edge():
    draws = np.random.default_rng(0).choice(sprites.NUM_IMAGES, 500, replace=False)
    factors = sprites.factors_of(draws)
    factors[:, 1] = 1.0
    factors[:, 3:] = np.round(factors[:, 3:])
    images = sprites.render(factors)
    edge = [images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]]
    assert not np.any(np.concatenate(edge, axis=1))


def test_labels_are_shapes_or_numbers_in_the_unit_cube():
    factors = sprites.factors_of(np.arange(0, sprites.NUM_IMAGES, 997))
    classes = sprites.labels_of(factors, ())
    assert classes.dtype == np.int32 and set(classes) == {0, 1, 2}
    names = ("scale", "orientation", "x", "y")
    labels = sprites.labels_of(factors, names)
    assert labels.shape[1] == len(sprites.names_of(names)) == 5
    assert labels.dtype == np.float32 and labels.min() == 0.0 and labels.max() == 1.0
    np.testing.assert_allclose(labels[:, 0], 2 * factors[:, 1] - 1, atol=1e-6)
    np.testing.assert_allclose(labels[:, 3], factors[:, 3], atol=1e-6)
    around = 2 * labels[:, 1:3] - 1
    np.testing.assert_allclose(np.square(around).sum(axis=1), 1.0, atol=1e-5)


def test_drawn_where_no_file_is_given():
    source = base.load("dsprites", None, ("x", "y"))
    assert source.num_classes is None and source.label_names == ("x", "y")
    counts = {name: split.num_examples for name, split in source.splits.items()}
    assert counts == {"train": 727_280, "test": 10_000}
    images, labels = next(source.splits["train"].chunks())
    assert images.shape[1:] == (64, 64, 1) and labels.shape == (len(images), 2)


def test_the_published_file(tmp_path):
    source = base.load("dsprites", miniature.write_dsprites(tmp_path, 60))
    assert source.class_names == ("square", "ellipse", "heart")
    assert list(source.checksums) == [FILE]
    assert {k: v.num_examples for k, v in source.splits.items()} == {
        "train": 54,
        "test": 6,
    }
    with np.load(tmp_path / FILE) as archive:
        want = sorted(image.tobytes() for image in archive["imgs"] * np.uint8(255))
    got = [c[0] for split in source.splits.values() for c in split.chunks()]
    assert sorted(image.tobytes() for image in np.concatenate(got)) == want


def damaged(path, **changes):
    with np.load(path) as archive:
        arrays = dict(archive)
    np.savez_compressed(path, **arrays | changes)


def test_damage_is_one_line(tmp_path):
    path = tmp_path / FILE
    with pytest.raises(FileNotFoundError, match=FILE):
        base.load("dsprites", str(tmp_path))
    for changes, text in (
        ({"imgs": np.ones([60, 64, 64], np.float32)}, "must hold imgs uint8"),
        ({"imgs": np.full([60, 64, 64], 9, np.uint8)}, "must hold pixels of 0 and 1"),
        ({"latents_values": np.ones([60, 5])}, "latents_values of shape"),
        ({"latents_values": np.full([60, 6], 7.0)}, "must hold shapes 1 to 3"),
        ({"latents_values": np.ones([59, 6])}, r"must hold imgs uint8\(59, 64, 64\)"),
    ):
        miniature.write_dsprites(tmp_path)
        damaged(path, **changes)
        with pytest.raises(ValueError, match=text):
            base.load("dsprites", str(tmp_path))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(
        ValueError, match="must be a whole ZIP archive, such as a .npz file"
    ):
        base.load("dsprites", str(tmp_path))


def test_drawn_smooth_it_is_the_mean_of_pixels():
    draws = np.random.default_rng(0).choice(sprites.NUM_IMAGES, 20, replace=False)
    factors = sprites.factors_of(draws)
    smooth = sprites.render_smooth(factors, 32, sprites.FRAMES["dsprites"])
    means = sprites.render(factors)[..., 0].reshape(20, 32, 2, 32, 2) / 255.0
    np.testing.assert_allclose(smooth, means.mean(axis=(2, 4)), atol=1e-6)
    large = sprites.render_smooth(factors, 32, sprites.FRAMES["small_sprites"])
    ratio = large.sum(axis=(1, 2)) / smooth.sum(axis=(1, 2))
    np.testing.assert_allclose(ratio, 4.0, rtol=0.15)  # twice as wide and high


def test_no_shape_is_cut_off_where_they_are_large():
    frame = sprites.FRAMES["small_sprites"]
    turns = [[0, np.pi / 4], [1, 0.0], [1, np.pi / 2], [2, 0.0], [2, np.pi / 2]]
    for shape, angle in turns:
        rows = [[shape, 1.0, angle, x, y] for x, y in ((0.5, 0.5), (0, 0), (1, 1))]
        drawn = sprites.render_smooth(np.array(rows), 64, frame)
        mass = drawn.sum(axis=(1, 2))
        np.testing.assert_allclose(mass[1:], mass[0], rtol=0.01)
