"""AUROC: by hand, on Gaussians with a known area, and its standard error."""

import math
import statistics

import numpy as np
import pytest

from ebm_tf.metrics import ranking


def test_by_hand_with_a_tie():
    # Of the four pairs three have the lower energy first and one is a tie.
    found = ranking.auroc(np.array([0.0, 1.0]), np.array([1.0, 2.0]))
    assert found.area == 3.5 / 4


def test_the_side():
    low, high = np.array([-2.0, -1.0, 0.0]), np.array([5.0, 6.0])
    assert ranking.auroc(low, high) == (1.0, 0.0)
    assert ranking.auroc(high, low) == (0.0, 0.0)


def test_swapping_the_sets_gives_the_rest():
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=50), rng.normal(0.3, 2, size=80)
    there, back = ranking.auroc(one, two), ranking.auroc(two, one)
    assert there.area + back.area == pytest.approx(1)
    assert there.standard_error == pytest.approx(back.standard_error)


def test_standard_error_by_hand():
    # Shares of `higher` above each of `lower`: 1, 1/2; of `lower` below: 1/2, 1.
    found = ranking.auroc(np.array([0.0, 2.0]), np.array([1.0, 3.0]))
    variance = statistics.variance([1.0, 0.5])
    assert found.area == 0.75
    assert found.standard_error == pytest.approx(math.sqrt(variance / 2 + variance / 2))


def test_gaussians_have_the_area_they_must_have():
    rng = np.random.default_rng(1)
    areas, errors = [], []
    for _ in range(200):
        found = ranking.auroc(rng.normal(0, 1, 100), rng.normal(1, 1, 150))
        areas.append(found.area)
        errors.append(found.standard_error)
    expected = statistics.NormalDist().cdf(1 / math.sqrt(2))  # 0.760
    spread = statistics.stdev(areas)
    assert abs(np.mean(areas) - expected) < 4 * spread / math.sqrt(200) < 0.02
    # The standard error it states is the spread seen, which 200 runs know to
    # 1 / sqrt(2 * 200) = 5 %.
    assert abs(np.mean(errors) / spread - 1) < 4 / math.sqrt(2 * 200) < 0.25


def test_float32_energies_far_from_zero_keep_their_order():
    low = np.array([1000.0001, 1000.0002])
    assert ranking.auroc(low, low + 1e-9).area > ranking.auroc(low, low).area == 0.5


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_energies_that_are_not_finite_are_refused(bad):
    with pytest.raises(
        ValueError, match="`higher` must be finite. Received: higher='1"
    ):
        ranking.auroc(np.array([0.0, 1.0]), np.array([0.0, bad]))


def test_sets_too_small_are_refused():
    with pytest.raises(ValueError, match="`lower` must be a vector of at least two"):
        ranking.auroc(np.array([0.0]), np.array([0.0, 1.0]))
