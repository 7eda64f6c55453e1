"""The kernel distance against sums over pairs, its bias and its error."""

import itertools

import numpy as np
import pytest

from ebm_tf.metrics.kernel_distance import kernel_distance


def kernel(a, b):
    return (a @ b / len(a) + 1.0) ** 3


def by_pairs(x, y) -> float:
    own = [
        np.mean([kernel(a, b) for a, b in itertools.permutations(rows, 2)])
        for rows in (x, y)
    ]
    return sum(own) - 2.0 * np.mean([kernel(a, b) for a in x for b in y])


def test_is_the_mean_of_sums_over_pairs_of_blocks():
    rng = np.random.default_rng(0)
    train, samples = rng.normal(size=[15, 4]), rng.normal(1.0, 1.0, size=[12, 4])
    values = [
        by_pairs(train[5 * block : 5 * block + 5], samples[4 * block : 4 * block + 4])
        for block in range(3)
    ]
    found = kernel_distance(train, samples, 3)
    assert found.value == pytest.approx(np.mean(values), rel=1e-12)
    error = np.std(values, ddof=1) / np.sqrt(3)
    assert found.standard_error == pytest.approx(error, rel=1e-12)


def test_known_answer_of_two_gaussians_in_one_dimension():
    # k(a, b) = 1 + 3ab + 3a^2b^2 + a^3b^3, so that MMD^2 = 3 (m1 - m1')^2 +
    # 3 (m2 - m2')^2 + (m3 - m3')^2 of the moments: 0, 1, 0 and of N(1, 1) 1, 2, 4.
    rng = np.random.default_rng(1)
    found = kernel_distance(
        rng.normal(size=[20_000, 1]), rng.normal(1.0, 1.0, size=[20_000, 1]), 40
    )
    assert found.standard_error < 0.7
    assert abs(found.value - (3.0 + 3.0 + 16.0)) < 4.0 * found.standard_error


def test_is_zero_on_average_however_few_and_its_error_is_honest():
    rng, values, errors = np.random.default_rng(2), [], []
    for _ in range(400):
        found = kernel_distance(*rng.normal(size=[2, 40, 5]), 10)
        values.append(found.value)
        errors.append(found.standard_error)
    spread = np.std(values, ddof=1)
    assert abs(np.mean(values)) < 4.0 * spread / np.sqrt(400)
    assert min(values) < 0.0
    # The mean of squared errors is the variance; both are known to some 10 %.
    ratio = np.mean(np.square(errors)) / spread**2
    deviation = np.std(np.square(errors)) / np.sqrt(400) / spread**2 + np.sqrt(2 / 400)
    assert abs(ratio - 1.0) < 4.0 * deviation < 0.9


def test_too_few_images_and_other_widths_are_refused():
    with pytest.raises(ValueError, match=r"`samples` must be \[N, width\] with N at"):
        kernel_distance(np.zeros([20, 3]), np.zeros([19, 3]), 10)
    with pytest.raises(ValueError, match="`num_blocks` must be at least 2"):
        kernel_distance(np.zeros([20, 3]), np.zeros([20, 3]), 1)
    with pytest.raises(ValueError, match="`samples` must be features of width 3"):
        kernel_distance(np.zeros([20, 3]), np.zeros([20, 4]), 10)
