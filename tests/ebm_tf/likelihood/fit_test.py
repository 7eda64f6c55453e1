"""Bases fitted to data, and the check for holes in them."""

import numpy as np
import pytest

from ebm_tf import rng
from ebm_tf.box import PIXELS, Box
from ebm_tf.likelihood import base, fit

SEED = rng.make_seed(0)


def test_one_group_gives_the_data_s_moments():
    x = np.random.default_rng(0).uniform(0.2, 0.6, (5000, 2, 3))
    density = fit.fit_truncated_mixture(x, np.zeros(5000, int), 1, PIXELS, 0.01)
    sample = density.sample(5000, SEED).numpy()
    assert sample.shape == (5000, 2, 3)
    # Little is cut off here, so the moments are kept but for that and for chance.
    np.testing.assert_allclose(sample.mean(axis=0), 0.4, atol=0.015)
    np.testing.assert_allclose(sample.std(axis=0), 0.4 / np.sqrt(12.0), atol=0.01)


def test_groups_become_components():
    generator = np.random.default_rng(0)
    label = generator.integers(0, 2, 4000)
    x = np.clip(generator.normal(0.2 + 0.6 * label, 0.05)[:, np.newaxis], 0.0, 1.0)
    two = fit.fit_truncated_mixture(x, label, 2, PIXELS, 0.01)
    one = fit.fit_truncated_mixture(x, np.zeros_like(label), 1, PIXELS, 0.01)
    gain = np.mean(two.log_prob(x.astype("f")) - one.log_prob(x.astype("f")))
    # log of the ratio of widths, 0.304 to 0.05, less log 2 for the choice
    assert 0.8 < gain < 1.3


def test_smallest_deviation_is_kept():
    x = np.full((10, 1), 0.5)
    density = fit.fit_truncated_mixture(x, np.zeros(10, int), 1, PIXELS, 0.1)
    assert 0.08 < density.sample(2000, SEED).numpy().std() < 0.12


def test_logit_gaussian_finds_correlation():
    truth = base.LogitGaussian([0.5, -0.5], [[1.0, 0.8], [0.8, 1.0]], PIXELS, (1, 2))
    x = truth.sample(20_000, SEED)
    found = fit.fit_logit_gaussian(x, PIXELS, 1e-3)
    other = truth.sample(2000, rng.make_seed(1))
    gap = (truth.log_prob(other) - found.log_prob(other)).numpy()
    # Five parameters from N points cost 5 / (2 N) nats on average.
    assert abs(gap.mean()) < 5.0 / 20_000 + 5.0 * gap.std() / np.sqrt(len(gap))
    assert gap.std() < 0.05
    flat = fit.fit_truncated_mixture(x, np.zeros(20_000, int), 1, PIXELS, 1e-3)
    assert np.mean(found.log_prob(other) - flat.log_prob(other)) > 0.3


def test_cover_is_checked():
    half = Box(low=0.0, high=0.5, num_levels=None)
    with pytest.raises(ValueError, match=r"`base` must be positive on the whole box"):
        fit.require_cover(base.Uniform(half, (2,)), PIXELS, SEED)
    fit.require_cover(base.Uniform(PIXELS, (2,)), PIXELS, SEED)


@pytest.mark.parametrize(
    "call, message",
    [
        (
            lambda: fit.fit_logit_gaussian(np.zeros((0, 2)), PIXELS, 0.1),
            r"`x` must be at least two rows of data",
        ),
        (
            lambda: fit.fit_logit_gaussian([[0.0], [0.5]], PIXELS, 0.1),
            r"`x` must be strictly inside the box \(dequantize it\)",
        ),
        (
            lambda: fit.fit_truncated_mixture(
                np.full((3, 1), 0.5), [0, 0, 1], 2, PIXELS, 0.1
            ),
            r"`component` must be at least two rows for each of 2 groups.*\[2, 1\]",
        ),
        (
            lambda: fit.fit_truncated_mixture(
                np.full((2, 1), 0.5), [0, 0], 1, PIXELS, 0.0
            ),
            r"`min_std` must be positive",
        ),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
