"""The Inception score against SciPy's entropies and by hand."""

import numpy as np
import pytest
from scipy import stats

from ebm_tf.metrics.inception_score import inception_score


def test_agrees_with_scipys_entropies():
    probs = np.random.default_rng(0).dirichlet(np.full(7, 0.3), size=200)
    gains = [stats.entropy(row, probs.mean(axis=0)) for row in probs]
    found = inception_score(probs, 10)
    assert found.value == pytest.approx(np.exp(np.mean(gains)), rel=1e-12)


def test_sure_images_of_all_classes_score_the_number_of_classes():
    found = inception_score(np.tile(np.eye(5), (20, 1)), 10)
    assert found.value == pytest.approx(5.0)
    assert found.standard_error == pytest.approx(0.0, abs=1e-12)


def test_images_that_are_all_alike_score_one():
    assert inception_score(np.tile([[0.1, 0.9]], (20, 1)), 2).value == pytest.approx(1)


def test_its_error_is_the_spread_of_other_draws():
    rng, values, errors = np.random.default_rng(1), [], []
    for _ in range(300):
        found = inception_score(rng.dirichlet(np.full(4, 0.5), size=400), 20)
        values.append(found.value)
        errors.append(found.standard_error)
    ratio = np.sqrt(np.mean(np.square(errors))) / np.std(values, ddof=1)
    # The spread of 300 values is known to 4 %, the mean of the errors to less.
    assert abs(ratio - 1.0) < 4.0 * 0.05


def test_what_is_no_distribution_and_too_many_blocks_are_refused():
    with pytest.raises(ValueError, match="`probs` must be rows that sum to 1"):
        inception_score(np.full([20, 3], 0.5), 2)
    with pytest.raises(ValueError, match="`num_blocks` must be at most 4"):
        inception_score(np.full([4, 2], 0.5), 5)
