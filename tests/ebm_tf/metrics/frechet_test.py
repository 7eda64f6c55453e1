"""The Frechet distance against SciPy's matrix root and the closed form."""

import numpy as np
import pytest
import scipy.linalg

from ebm_tf.metrics.frechet import Gaussian, frechet_distance, gaussian, require_enough


def drawn(seed: int, num: int, width: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=[width, width])
    return rng.normal(size=[num, width]) @ mixing + rng.normal(size=width)


def test_mean_and_covariance_of_a_stream_are_numpys():
    x = drawn(0, 500, 7)
    found = gaussian(np.array_split(x, 9))
    assert found.num == 500
    np.testing.assert_allclose(found.mean, x.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.covariance, np.cov(x.T), rtol=1e-10)


def test_agrees_with_scipys_matrix_root():
    first, second = (gaussian([drawn(seed, 400, 12)]) for seed in (1, 2))
    root = scipy.linalg.sqrtm(first.covariance @ second.covariance)
    gap = first.mean - second.mean
    expected = gap @ gap + np.trace(
        first.covariance + second.covariance - 2.0 * root.real
    )
    assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-8)
    assert frechet_distance(second, first) == pytest.approx(expected, rel=1e-8)


def test_closed_form_of_independent_features():
    rng = np.random.default_rng(3)
    means, stds = rng.normal(size=[2, 6]), rng.uniform(0.1, 3.0, size=[2, 6])
    first, second = (Gaussian(m, np.diag(s**2), 10) for m, s in zip(means, stds))
    expected = np.sum((means[0] - means[1]) ** 2 + (stds[0] - stds[1]) ** 2)
    assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-10)


def test_a_set_is_at_no_distance_from_itself():
    found = gaussian([drawn(4, 100, 20)])
    size = np.trace(found.covariance)
    assert 0.0 <= frechet_distance(found, found) < 1e-10 * size


def test_features_that_never_fire_do_no_harm():
    # Dead units leave covariances without an inverse, whose roots SciPy's function
    # may not find. Beside them the distance is that of the others.
    x, y = drawn(5, 300, 8), drawn(6, 300, 8)
    expected = frechet_distance(gaussian([x]), gaussian([y]))
    dead = np.zeros([300, 5])
    found = (gaussian([np.hstack([each, dead])]) for each in (x, y))
    assert frechet_distance(*found) == pytest.approx(expected, rel=1e-9)


def test_images_that_are_all_one_are_a_point():
    point = gaussian([np.full([50, 4], 2.0)])
    other = gaussian([drawn(7, 50, 4)])
    expected = np.sum((other.mean - 2.0) ** 2) + np.trace(other.covariance)
    assert frechet_distance(point, other) == pytest.approx(expected, rel=1e-10)


def test_fewer_images_of_the_same_distribution_are_farther():
    """The bias that the reports show: real against real."""
    real = gaussian([np.random.default_rng(8).normal(size=[100_000, 16])])
    rng, found = np.random.default_rng(9), {}
    for num in (50, 200, 800):
        values = [
            frechet_distance(real, gaussian([rng.normal(size=[num, 16])]))
            for _ in range(20)
        ]
        found[num] = np.mean(values), np.std(values, ddof=1) / np.sqrt(20)
    for fewer, more in ((50, 200), (200, 800)):
        gap = found[fewer][0] - found[more][0]
        error = np.hypot(found[fewer][1], found[more][1])
        assert gap > 5.0 * error > 0


def test_too_few_images_for_a_covariance_are_refused():
    few, many = (gaussian([drawn(9, num, 6)]) for num in (6, 7))
    with pytest.raises(ValueError, match="`first.num` must be above 6, the width of"):
        frechet_distance(few, many)
    with pytest.raises(ValueError, match="`second.num` must be above 6, the width of"):
        frechet_distance(many, few)
    require_enough(7, 6, "num_images")
    with pytest.raises(ValueError, match="`num_images` must be above 6.*num_images=6"):
        require_enough(6, 6, "num_images")


def test_other_widths_and_numbers_that_are_none_are_refused():
    with pytest.raises(ValueError, match="`second` must be features of width 3"):
        frechet_distance(gaussian([drawn(0, 9, 3)]), gaussian([drawn(0, 9, 4)]))
    with pytest.raises(ValueError, match="`features` must be features of width 3"):
        gaussian([np.zeros([2, 3]), np.zeros([2, 4])])
    with pytest.raises(ValueError, match="`features` must be finite"):
        gaussian([np.full([2, 3], np.nan)])
