"""Densities of single coordinates have the numbers they were given."""

import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS, UNIT, Box
from ebm_tf.likelihood import pixels

FOUR = Box(low=-1.0, high=3.0, num_levels=4)
COUNTS = np.array([[5, 0, 0, 3], [1, 1, 1, 5]])


def test_histogram_is_the_share_of_each_level_over_its_width():
    density = pixels.PixelHistogram(COUNTS, 1.0, FOUR, (1, 2))
    x = tf.constant([[[-0.5, 2.7]], [[0.5, 0.1]]])
    expected = [math.log(6 / 12) + math.log(6 / 12), math.log(1 / 12 * 2 / 12)]
    np.testing.assert_allclose(density.log_prob(x), expected, rtol=1e-5)
    outside = tf.constant([[[-1.1, 0.0]], [[0.0, 3.2]]])
    assert np.all(np.isneginf(density.log_prob(outside)))


def test_histogram_integrates_to_one():
    wide = Box(low=0.0, high=0.5, num_levels=4)
    density = pixels.PixelHistogram(COUNTS[:1], 0.5, wide, (1,))
    x = (np.arange(1000, dtype=np.float32)[:, None] + 0.5) / 2000.0
    assert np.exp(density.log_prob(x)).mean() * 0.5 == pytest.approx(1.0, abs=1e-5)


def test_histogram_samples_have_its_shares():
    density = pixels.PixelHistogram(COUNTS, 1.0, FOUR, (1, 2))
    num = 20_000
    x = density.sample(num, rng.make_seed(1))
    levels = FOUR.encode(x).numpy().reshape(num, 2)
    for place in range(2):
        share = np.bincount(levels[:, place], minlength=4) / num
        assert np.all(np.abs(share - density.probs[place]) < 5 * 0.5 / math.sqrt(num))


def test_logit_gaussian_integrates_to_one_and_samples_come_back():
    wide = Box(low=-1.0, high=3.0, num_levels=None)
    density = pixels.PixelLogitGaussian([0.5], [0.7], wide, (1,))
    x = -1.0 + 4.0 * (np.arange(20_000, dtype=np.float32)[:, None] + 0.5) / 20_000
    assert np.exp(density.log_prob(x)).mean() * 4.0 == pytest.approx(1.0, abs=1e-4)
    part = (density.sample(20_000, rng.make_seed(2)).numpy() + 1.0) / 4.0
    logit = np.log(part) - np.log1p(-part)
    assert logit.mean() == pytest.approx(0.5, abs=5 * 0.7 / math.sqrt(20_000))
    assert logit.std() == pytest.approx(0.7, rel=0.03)


@pytest.mark.parametrize(
    "call, message",
    [
        (
            lambda: pixels.PixelHistogram(COUNTS, 1.0, UNIT, (2,)),
            r"`box` must be of levels",
        ),
        (
            lambda: pixels.PixelHistogram(COUNTS, 1.0, PIXELS, (2,)),
            r"`counts` must be of shape \(2, 256\)",
        ),
        (
            lambda: pixels.PixelHistogram(COUNTS, 0.0, FOUR, (2,)),
            r"`prior` must be positive",
        ),
        (
            lambda: pixels.PixelLogitGaussian([0.0], [0.0], UNIT, (1,)),
            r"`std` must be positive",
        ),
        (
            lambda: pixels.PixelLogitGaussian([0.0], [1.0], UNIT, (2,)),
            r"`mean` must be of 2 numbers",
        ),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
