"""Baselines are what they are called, and their smoothing is the validation images'."""

import numpy as np
import pytest

from ebm_tf import rng
from ebm_tf.box import PIXELS, UNIT
from ebm_tf.likelihood import baselines

SHAPE = (2, 2, 1)


def _images(num: int, seed: int):
    """Returns black borders and two kinds of ink, dequantized, with their kinds."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 2, num)
    levels = np.zeros((num, 4), np.uint8)
    levels[:, 0] = np.clip(generator.normal(60 + 120 * labels, 10.0), 0, 255)
    levels[:, 1] = 255 - levels[:, 0]
    x = PIXELS.decode(levels.reshape(num, *SHAPE), rng.make_seed(seed)).numpy()
    return x, labels


def _parts(x, labels, num: int):
    return zip(np.array_split(x, num), np.array_split(labels, num), strict=True)


X, LABELS = _images(3000, 0)
OTHER = _images(1000, 1)[0]
STATISTICS = baselines.collect(_parts(X, LABELS, 7), PIXELS)


def test_statistics_are_those_of_the_whole():
    flat = X.reshape(len(X), 4).astype(np.float64)
    np.testing.assert_array_equal(STATISTICS.counts.sum(axis=1), len(X))
    np.testing.assert_array_equal(STATISTICS.counts[2:, 0], len(X))
    levels = np.floor(flat * 256).astype(int)
    np.testing.assert_array_equal(
        STATISTICS.counts[0], np.bincount(levels[:, 0], minlength=256)
    )
    np.testing.assert_allclose(
        STATISTICS.covariance, np.cov(flat, rowvar=False), atol=1e-9
    )
    logits = np.log(flat) - np.log1p(-flat)
    np.testing.assert_allclose(
        STATISTICS.logit_covariance, np.cov(logits, rowvar=False), rtol=1e-6, atol=1e-8
    )
    np.testing.assert_array_equal(STATISTICS.class_counts, np.bincount(LABELS))
    for label in range(2):
        rows = flat[label == LABELS]
        np.testing.assert_allclose(STATISTICS.class_mean[label], rows.mean(axis=0))
        np.testing.assert_allclose(
            STATISTICS.class_variance[label], rows.var(axis=0, ddof=1), rtol=1e-6
        )


def test_every_baseline_is_fitted_and_the_likeliest_comes_first():
    found = baselines.fit(STATISTICS, OTHER, PIXELS)
    assert {one.name for one in found} == set(baselines.BASELINES)
    values = [one.validation for one in found]
    assert values == sorted(values, reverse=True)
    by_name = {one.name: one for one in found}
    # A black pixel is worth log 256 where its level is known for sure, nothing more.
    black = 2 * np.log(256)
    assert 0.9 * black < by_name["histogram"].validation < black + 2 * np.log(256)
    # The two pixels of ink are one: a covariance sees that, single pixels do not.
    gain = by_name["full_logits"].validation - by_name["diagonal_logits"].validation
    assert gain > 1.0
    assert by_name["mixture"].smoothing < 0.01
    for one in found:
        again = baselines.log_probs(one.density, OTHER).mean()
        assert again == pytest.approx(one.validation, abs=1e-3)


def test_a_floor_that_is_not_fitted_makes_a_mixture_weak():
    fitted, weak = (
        baselines.log_probs(
            baselines.make("mixture", STATISTICS, floor, PIXELS, SHAPE), OTHER
        )
        for floor in (0.0005, 0.1)
    )
    assert np.mean(fitted - weak) > 5.0


def test_a_histogram_of_the_truth_has_its_entropy():
    # Levels at random: log-likelihood is minus the entropy of the levels, plus
    # log(num_levels) a coordinate.
    generator = np.random.default_rng(5)
    probs = generator.dirichlet(np.ones(256))
    levels = generator.choice(256, (40_000, 1, 1, 1), p=probs).astype(np.uint8)
    x = PIXELS.decode(levels, rng.make_seed(0)).numpy()
    found = baselines.collect([(x, np.zeros(len(x), int))], PIXELS)
    density = baselines.make("histogram", found, 0.1, PIXELS, (1, 1, 1))
    truth = np.sum(probs * np.log(256 * probs))
    other = generator.choice(256, (20_000, 1, 1, 1), p=probs).astype(np.uint8)
    values = baselines.log_probs(
        density, PIXELS.decode(other, rng.make_seed(1)).numpy()
    )
    error = values.std() / np.sqrt(len(values))
    assert abs(values.mean() - truth) < 4 * error + 255 / (2 * 40_000)
    assert error < 0.02


def test_large_states_have_no_full_covariance(monkeypatch):
    monkeypatch.setattr(baselines, "MAX_FULL_DIMS", 3)
    found = baselines.collect(_parts(X, LABELS, 2), PIXELS)
    assert found.logit_covariance.shape == found.covariance.shape == (4,)
    names = {one.name for one in baselines.fit(found, OTHER, PIXELS)}
    assert names == set(baselines.BASELINES) - {"full_logits"}


def test_each_is_a_base_that_annealing_can_start_from():
    for one in baselines.fit(STATISTICS, OTHER[:50], PIXELS):
        x = one.density.sample(100, rng.make_seed(3))
        assert x.shape == (100, *SHAPE) == (100, *one.density.state_shape)
        assert np.all(np.isfinite(one.density.log_prob(x)))


@pytest.mark.parametrize(
    "call, message",
    [
        (
            lambda: baselines.collect([(X, LABELS)], UNIT),
            r"`box` must be of levels",
        ),
        (
            lambda: baselines.collect([(X[:2], np.array([0, 1]))], PIXELS),
            r"`examples` must be with two training images or more of a class",
        ),
        (
            lambda: baselines.fit(STATISTICS, OTHER[:0], PIXELS),
            r"`examples` must be with a validation image to choose by",
        ),
        (
            lambda: baselines.collect([(0 * X, LABELS)], PIXELS),
            r"`x` must be strictly inside the box",
        ),
    ],
)
def test_bad_data_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
