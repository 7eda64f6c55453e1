"""Summaries by hand."""

import math

import numpy as np
import pytest

from ebm_tf.metrics.classifier_summary import summarize_probs


def test_by_hand():
    probs = [[0.9, 0.1, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0], [0.95, 0.0, 0.05]]
    found = summarize_probs(np.array(probs), 0.9)
    assert found.num == 4 and found.threshold == 0.9
    assert found.confident_share == 0.75
    assert found.class_shares == (0.5, 0.25, 0.25)
    assert found.mean_confidence == pytest.approx((0.9 + 0.5 + 1.0 + 0.95) / 4)
    entropies = [_entropy(row) for row in probs]
    assert found.mean_entropy == pytest.approx(sum(entropies) / 4)
    assert found.class_entropy == pytest.approx(_entropy([0.5, 0.25, 0.25]))


def _entropy(probs):
    return -sum(p * math.log(p) for p in probs if p > 0)


def test_sure_and_even_is_the_best_there_is():
    found = summarize_probs(np.eye(10), 0.9)
    assert found.confident_share == 1 and found.mean_entropy == 0
    assert found.class_entropy == pytest.approx(math.log(10))


def test_a_class_never_found_has_share_zero():
    found = summarize_probs(np.array([[0.6, 0.4, 0.0]] * 3), 0.9)
    assert found.class_shares == (1.0, 0.0, 0.0)
    assert found.confident_share == 0 and found.class_entropy == 0


def test_the_threshold_itself_counts():
    assert summarize_probs(np.array([[0.25, 0.75]]), 0.75).confident_share == 1


@pytest.mark.parametrize(
    "probs", [np.zeros([0, 3]), np.zeros([3]), np.ones([2, 3]), [[1.5, -0.5]]]
)
def test_what_are_no_probabilities_is_refused(probs):
    with pytest.raises(ValueError, match="`probs` must be"):
        summarize_probs(np.array(probs), 0.9)


@pytest.mark.parametrize("threshold", [0.0, 1.1])
def test_a_threshold_out_of_range_is_refused(threshold):
    with pytest.raises(ValueError, match="`threshold` must be"):
        summarize_probs(np.eye(2), threshold)
