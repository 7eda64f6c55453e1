"""Storage is unbiased and exact on levels; the rest by known answers."""

import functools
import json
import math

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from ebm_tf import box, rng
from ebm_tf.box import PIXELS, UNIT, Box, OpenSpace

LEVELS = np.arange(256, dtype=np.uint8)
WIDE = Box(low=-2.0, high=3.0, num_levels=16)
FLOATS = Box(low=-1.0, high=1.0, num_levels=None)


def test_levels_survive_any_noise():
    # decode draws one of 2**15 offsets. 81,920 draws a level meet the last one, from
    # where rounding could leave the bin, 640 times in all.
    stored = tf.tile(tf.constant(LEVELS)[:, None], [1, 20480])
    for number in range(4):
        x = PIXELS.decode(stored, rng.make_seed(number))
        assert bool(tf.reduce_all(PIXELS.encode(x) == stored))
        assert float(tf.reduce_min(x)) > 0.0
        assert float(tf.reduce_max(x)) < 1.0


def test_levels_of_another_box_survive():
    stored = tf.tile(tf.range(16)[:, None], [1, 10000])
    stored = tf.cast(stored, tf.uint8)
    x = WIDE.decode(stored, rng.make_seed(1))
    np.testing.assert_array_equal(WIDE.encode(x), stored)
    assert -2.0 < float(tf.reduce_min(x)) < -1.99
    assert 2.99 < float(tf.reduce_max(x)) < 3.0


def test_a_round_trip_is_unbiased():
    num = 2_000_000
    x = rng.uniform(rng.make_seed(0), [num])
    back = PIXELS.decode(PIXELS.encode(x), rng.make_seed(1))
    error = np.asarray(back, np.float64) - np.asarray(x, np.float64)
    # Both are uniform on the same bin of width 1/256, independently.
    tolerance = 5 * math.sqrt(2 / 12) / 256 / math.sqrt(num)
    assert tolerance < 1 / 512 / 100  # Floor without noise is off by 1/512.
    assert abs(error.mean()) < tolerance
    # And not only on average over the levels.
    level = np.asarray(PIXELS.encode(x))
    sums = np.bincount(level, error, 256)
    counts = np.bincount(level, minlength=256)
    tolerance = 5.5 * math.sqrt(2 / 12) / 256 / np.sqrt(counts)
    assert tolerance.max() < 1 / 512 / 10
    assert (np.abs(sums / counts) < tolerance).all()


def test_noise_is_uniform_within_the_bin():
    num = 160_000
    x = PIXELS.decode(tf.fill([num], tf.constant(77, tf.uint8)), rng.make_seed(2))
    part = np.floor((np.asarray(x, np.float64) * 256 - 77) * 16).astype(int)
    counts = np.bincount(part, minlength=16)
    assert counts.shape == (16,)
    # With one part in 16 a tenth short, the expected statistic is above 100.
    assert (0.1 * num / 16) ** 2 / (num / 16) > 90
    assert stats.chisquare(counts).statistic < stats.chi2(15).isf(1e-6) < 90


def test_same_seed_same_noise():
    stored = tf.constant(LEVELS)
    once, again, other = (PIXELS.decode(stored, rng.make_seed(s)) for s in (4, 4, 5))
    np.testing.assert_array_equal(once, again)
    assert bool(tf.reduce_any(once != other))


def test_the_middle_of_a_bin():
    middle = np.asarray(PIXELS.center(tf.constant(LEVELS)))
    np.testing.assert_array_equal(middle, (np.arange(256) + 0.5) / 256)
    np.testing.assert_array_equal(
        WIDE.center(tf.constant([0, 15], tf.uint8)), [-2 + 5 / 32, 3 - 5 / 32]
    )


def test_outside_counts_as_the_nearest_bin():
    x = tf.constant([-0.5, -1e-9, 0.0, 1.0, 7.0])
    np.testing.assert_array_equal(PIXELS.encode(x), [0, 0, 0, 255, 255])


def test_floats_are_stored_as_they_are():
    x = tf.constant([0.123456, -0.5])
    assert FLOATS.storage_dtype == tf.float32
    np.testing.assert_array_equal(FLOATS.encode(x), x)
    np.testing.assert_array_equal(FLOATS.decode(x, rng.make_seed(0)), x)
    np.testing.assert_array_equal(FLOATS.center(x), x)
    assert PIXELS.storage_dtype == tf.uint8


def test_clip():
    x = tf.constant([-3.0, -2.0, 0.5, 3.0, 9.0])
    np.testing.assert_array_equal(WIDE.clip(x), [-2.0, -2.0, 0.5, 3.0, 3.0])


def test_uniform_covers_the_box():
    num = 100_000
    x = np.asarray(WIDE.uniform(rng.make_seed(3), [num]), np.float64)
    assert x.min() >= -2.0
    assert x.max() <= 3.0
    counts, _ = np.histogram(x, bins=10, range=(-2.0, 3.0))
    assert stats.chisquare(counts).statistic < stats.chi2(9).isf(1e-6)


def test_log_volume():
    assert PIXELS.log_volume(784) == 0.0
    assert WIDE.log_volume(3) == pytest.approx(math.log(125.0))
    # Minus the log density of `uniform`, so the two add up to nothing.
    assert FLOATS.log_volume(2) == pytest.approx(-math.log(0.25))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"high": 0.0}, "`high` must be positive. Received: high=0.0"),
        ({"low": float("nan")}, "`low` must be finite. Received: low=nan"),
        ({"num_levels": 1}, "`num_levels` must be at least 2. Received: num_levels=1"),
        (
            {"num_levels": 257},
            "`num_levels` must be at most 256. Received: num_levels=257",
        ),
    ],
)
def test_refuses(changes, line):
    with pytest.raises(ValueError) as caught:
        Box(**({"low": 0.0, "high": 1.0, "num_levels": 256} | changes))
    assert str(caught.value) == line


OPEN = OpenSpace(mean=(1.0, -2.0), std=(0.5, 3.0))


def test_of_the_old_format_images_are_levels_and_other_states_floats():
    assert box.of_old_format((8, 8, 3)) is PIXELS
    assert box.of_old_format((50, 12)) is UNIT
    assert box.of_old_format((2,)).storage_dtype == tf.float32
    assert (UNIT.low, UNIT.high) == (0.0, 1.0)
    assert box.of_details({"shape": [8, 8, 3]}) is PIXELS
    declared = {"shape": [8, 8, 3], "space": UNIT.to_dict()}
    assert box.of_details(declared) == UNIT


def test_noise_of_a_box_is_uniform_with_the_same_numbers():
    seed = rng.make_seed(3)
    np.testing.assert_array_equal(WIDE.noise(seed, [50]), WIDE.uniform(seed, [50]))


def test_noise_of_an_open_space_has_the_data_s_mean_and_spread():
    num = 100_000
    x = np.asarray(OPEN.noise(rng.make_seed(0), [num, 2]), np.float64)
    error = 5 / math.sqrt(num)
    assert error < 0.02  # of a standard deviation
    assert np.all(np.abs(x.mean(axis=0) - OPEN.mean) < error * np.array(OPEN.std))
    np.testing.assert_allclose(x.std(axis=0), OPEN.std, rtol=error)


def test_an_open_space_has_no_bounds_and_stores_floats():
    x = tf.constant([[-1e6, 3.0], [0.25, 1e9]])
    for found in (
        OPEN.clip(x),
        OPEN.encode(x),
        OPEN.decode(x, rng.make_seed(0)),
        OPEN.center(x),
    ):
        np.testing.assert_array_equal(found, x)
    assert OPEN.storage_dtype == tf.float32
    assert (OPEN.is_bounded, WIDE.is_bounded) == (False, True)
    assert OPEN.num_levels is None


@pytest.mark.parametrize(
    "space", [PIXELS, UNIT, WIDE, OPEN, OpenSpace(mean=0.0, std=2.0)], ids=str
)
def test_a_space_survives_json(space):
    assert box.from_dict(json.loads(json.dumps(space.to_dict()))) == space


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ({"kind": "ball"}, "`space.kind` must be one of box, open. Received: "),
        ({"kind": "open", "mean": 0.0}, "`space` must be made of mean, std. Received"),
        ({"kind": "open", "mean": 0.0, "std": 0.0}, "`std` must be positive."),
        ({"kind": "open", "mean": [0.0, "a"], "std": 1.0}, "`mean` must be a number."),
    ],
)
def test_what_declares_no_space(data, line):
    with pytest.raises((ValueError, TypeError)) as caught:
        box.from_dict(data)
    assert str(caught.value).startswith(line)


def test_states_of_another_width_than_an_open_space():
    for space in (PIXELS, UNIT, OpenSpace(mean=0.0, std=2.0)):
        space.require_shape((3,))
    OPEN.require_shape((5, 2))
    for shape in ((), (2, 3)):
        with pytest.raises(ValueError) as caught:
            OPEN.require_shape(shape)
        places = shape[-1] if shape else 1
        line = f"`mean` must be one number, or {places}, as many as the last axis of "
        assert str(caught.value) == line + "states has. Received: 2 numbers"


def test_another_dtype_than_the_stored_one_is_refused():
    floats, levels = tf.constant([0.5]), tf.constant([3], tf.uint8)
    for space, wrong, want, got in (
        (PIXELS, floats, "uint8", "float32"),
        (UNIT, levels, "float32", "uint8"),
        (OPEN, levels, "float32", "uint8"),
    ):
        for ask in (
            functools.partial(space.decode, seed=rng.make_seed(0)),
            space.center,
        ):
            with pytest.raises(TypeError) as caught:
                ask(wrong)
            text = str(caught.value)
            assert text.startswith(f"`stored` must be {want}, as {space} stores states")
            assert text.endswith(f"Received: {got}")


def test_pictures_of_levels_of_floats_and_of_an_open_space():
    digits = Box(low=0.0, high=1.0, num_levels=17)
    levels = np.array([0, 8, 16], np.uint8)
    np.testing.assert_array_equal(digits.as_bytes(levels), [0, 128, 255])
    np.testing.assert_array_equal(PIXELS.as_bytes(LEVELS), LEVELS)
    floats = np.array([-1.0, 0.0, 0.999, np.nan], np.float32)
    np.testing.assert_array_equal(FLOATS.as_bytes(floats), [0, 128, 255, 0])
    far = np.array([[-0.5, -2.0], [9.0, -11.0]], np.float32)
    np.testing.assert_array_equal(OPEN.as_bytes(far), [[0, 128], [255, 0]])


def test_width_of_a_stored_value():
    assert PIXELS.stored_width == 1 / 256
    assert WIDE.stored_width == 5 / 16
    assert FLOATS.stored_width == OPEN.stored_width == 1.0
