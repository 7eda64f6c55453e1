"""Precision, recall, density and coverage against SciPy's distances, and by hand."""

import numpy as np
import pytest
from scipy.spatial import distance

from ebm_tf.metrics import neighbourhoods as module
from ebm_tf.metrics.neighbourhoods import neighbourhoods


def by_loops(train, samples, k):
    """The four definitions, word by word."""
    radii = [
        np.sort(distance.cdist(rows, rows), axis=1)[:, k] for rows in (train, samples)
    ]
    between = distance.cdist(samples, train)
    in_real = between <= radii[0][None]
    in_fake = between <= radii[1][:, None]
    return (
        np.mean([row.any() for row in in_real]),
        np.mean([column.any() for column in in_fake.T]),
        np.mean([row.sum() / k for row in in_real]),
        np.mean([column.any() for column in in_real.T]),
    )


@pytest.mark.parametrize("k", [1, 3, 5])
def test_agrees_with_the_definitions(k):
    rng = np.random.default_rng(k)
    train = rng.normal(size=[80, 6]).astype(np.float32)
    samples = rng.normal(0.5, 0.8, size=[70, 6]).astype(np.float32)
    found = neighbourhoods(train, samples, k)
    values = [each.value for each in found]
    np.testing.assert_allclose(values, by_loops(train, samples, k), rtol=1e-12)
    assert all(0.0 < value for value in values)


def test_blocks_change_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    train, samples = rng.normal(size=[2, 900, 8])
    whole = neighbourhoods(train, samples, 5)
    monkeypatch.setattr(module, "_WORKING_MEMORY", 0.1)  # some 14 rows at a time
    assert neighbourhoods(train, samples, 5) == whole


def test_by_hand():
    # Balls around 0, 1 and 10 reach to the nearest other: 1, 1 and 9.
    train = np.array([[0.0], [1.0], [10.0]])
    # In two balls, in one, in the large one, in none; they reach 1.5, 1.5, 6, 10.
    samples = np.array([[0.5], [2.0], [8.0], [30.0]])
    found = neighbourhoods(train, samples, 1)
    assert found.precision.value == 3 / 4
    assert found.density.value == pytest.approx((2 + 2 + 1 + 0) / 4)
    assert found.coverage.value == 1.0
    assert found.recall.value == 1.0


def test_real_images_have_density_and_coverage_as_they_should():
    # Naeem et al.: of one distribution the density is 1 on average and the coverage
    # 1 - (N-1) ... (N-k) / ((2N-1) ... (2N-k)), here of N = 500 and k = 5.
    rng, density, coverage = np.random.default_rng(1), [], []
    for _ in range(30):
        found = neighbourhoods(*rng.normal(size=[2, 500, 3]), 5)
        density.append(found.density.value)
        coverage.append(found.coverage.value)
    missed = np.prod([(500 - i) / (1000 - i) for i in range(1, 6)])
    for values, expected in ((density, 1.0), (coverage, 1.0 - missed)):
        error = np.std(values, ddof=1) / np.sqrt(30)
        assert error < 0.01
        assert abs(np.mean(values) - expected) < 4.0 * error


def test_a_model_that_makes_one_image_covers_little():
    rng = np.random.default_rng(2)
    train = rng.normal(size=[200, 4])
    found = neighbourhoods(train, np.tile(train[:1], (200, 1)), 5)
    assert found.precision.value == 1.0 and found.precision.standard_error is None
    assert found.coverage.value < 0.1 and found.recall.value < 0.1


def test_errors_are_those_of_means_over_samples():
    rng = np.random.default_rng(3)
    train, samples = rng.normal(size=[100, 4]), rng.normal(1.0, 1.0, size=[60, 4])
    found = neighbourhoods(train, samples, 3)
    p = found.precision.value
    expected = np.sqrt(p * (1 - p) / 59)
    assert found.precision.standard_error == pytest.approx(expected)
    assert found.density.standard_error > 0.0
    assert found.recall.standard_error is found.coverage.standard_error is None


def test_too_few_images_and_other_widths_are_refused():
    with pytest.raises(ValueError, match=r"`samples` must be .* N at least 6"):
        neighbourhoods(np.zeros([6, 3]), np.zeros([5, 3]), 5)
    with pytest.raises(ValueError, match="`samples` must be features of width 3"):
        neighbourhoods(np.zeros([6, 3]), np.zeros([6, 4]), 5)
    with pytest.raises(ValueError, match="`num_neighbours` must be at least 1"):
        neighbourhoods(np.zeros([6, 3]), np.zeros([6, 3]), 0)
