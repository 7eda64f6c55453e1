"""Baselines of noised images are normalized, and right where that is known."""

import math

import numpy as np
import pytest

from ebm_tf import rng
from ebm_tf.box import PIXELS, Box
from ebm_tf.likelihood import baselines, blurred, pixels

FOUR = Box(low=0.0, high=1.0, num_levels=4)


def test_the_histogram_with_noise_integrates_to_one_and_has_its_moments():
    counts = np.array([[7, 0, 1, 4]])
    clean = pixels.PixelHistogram(counts, 0.1, FOUR, (1,))
    for sigma in (0.01, 0.3):
        density = blurred.blurred_histogram(clean, FOUR, sigma)
        x = np.linspace(-2.0, 3.0, 20_001)[:, np.newaxis]
        mass = np.exp(density.log_prob(x)) * (x[1, 0] - x[0, 0])
        assert mass.sum() == pytest.approx(1.0, abs=1e-6)
        middle = (np.arange(4) + 0.5) / 4
        mean = clean.probs[0] @ middle
        variance = clean.probs[0] @ middle**2 - mean**2 + 1 / (12 * 16) + sigma**2
        assert mass @ x[:, 0] == pytest.approx(mean, abs=1e-6)
        found = mass @ x[:, 0] ** 2 - mean**2
        assert found == pytest.approx(variance, abs=1e-6)


def test_levels_that_are_left_out_as_far_away_do_not_count():
    generator = np.random.default_rng(3)
    counts = generator.integers(0, 5, (3, 256))
    clean = pixels.PixelHistogram(counts, 0.01, PIXELS, (3,))
    x = generator.uniform(-0.02, 1.02, (20, 3))
    for sigma in (0.002, 0.02):
        middle = (np.arange(256) + 0.5) / 256
        # Each level as 200 points, with the noise around each.
        points = (middle[:, None] + (np.arange(200) - 99.5) / (200 * 256)).ravel()
        kernel = np.exp(-0.5 * ((x[..., None] - points) / sigma) ** 2)
        density = kernel @ np.repeat(clean.probs, 200, axis=1).T / 200
        own = np.einsum("bjj->bj", density) / (sigma * math.sqrt(2 * math.pi))
        found = blurred.blurred_histogram(clean, PIXELS, sigma).log_prob(x)
        np.testing.assert_allclose(found, np.log(own).sum(axis=1), atol=1e-3)


def test_gaussian_images_with_noise_reach_their_entropy():
    # Of a Gaussian with covariance C, noised: minus the entropy, with C + sigma**2 I.
    generator = np.random.default_rng(0)
    scale = np.tril(generator.normal(0.0, 0.03, (4, 4))) + 0.03 * np.eye(4)
    x, other = (
        (0.5 + generator.normal(size=(num, 4)) @ scale.T).reshape(num, 2, 2, 1)
        for num in (20_000, 2000)
    )
    found = baselines.collect([(x, np.zeros(len(x), int))], PIXELS)
    for sigma in (0.01, 0.3):
        noised = blurred.blur(other, sigma, rng.make_seed(1))
        ranked = blurred.fit(found, 0.1, noised, PIXELS, sigma)
        full = next(one for one in ranked if one.name == "full")
        covariance = scale @ scale.T + sigma**2 * np.eye(4)
        truth = -0.5 * np.linalg.slogdet(2 * math.pi * math.e * covariance)[1]
        # 14 numbers from 20,000 images cost 14 / 40,000 nats; chance: 4 errors.
        assert abs(full.validation - truth) < 4 * math.sqrt(2.0 / 2000) + 0.001
        assert full.validation < blurred.bound(4, sigma)
        assert {one.name for one in ranked} == {
            "histogram",
            "diagonal",
            "full",
            "mixture",
        }
    # Much noise, and nothing is left but its own Gaussian: all are alike.
    values = [one.validation for one in ranked]
    assert max(values) - min(values) < 0.1


def test_noise_is_added_as_said():
    x = np.zeros((200, 10, 10, 1), np.float32)
    noised = blurred.blur(x, 0.05, rng.make_seed(0))
    assert noised.std() == pytest.approx(0.05, rel=0.03)
    with pytest.raises(ValueError, match=r"`sigma` must be positive"):
        blurred.blur(x, 0.0, rng.make_seed(0))
