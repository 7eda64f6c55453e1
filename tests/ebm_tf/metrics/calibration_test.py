"""Calibration: by hand, of labels drawn from the probabilities, and of a scale."""

import numpy as np
import pytest
import scipy.special

from ebm_tf.metrics.calibration import best_temperature, calibration


def drawn(num, temperature=1.0, seed=0):
    """Logits, and labels drawn from `softmax(logits / temperature)`."""
    draw = np.random.default_rng(seed)
    logits = 2.0 * draw.normal(size=[num, 3])
    probs = scipy.special.softmax(logits / temperature, axis=1)
    labels = (draw.random([num, 1]) > np.cumsum(probs, axis=1)).sum(axis=1)
    return logits, np.minimum(labels, 2)


def test_by_hand():
    # Sure of class 0 by 0.8, of class 1 by 0.6; right in three of four rows.
    logits = np.log([[0.8, 0.2], [0.8, 0.2], [0.4, 0.6], [0.4, 0.6]])
    found = calibration(logits, np.array([0, 0, 1, 0]), 2)
    assert found.accuracy == 0.75
    assert found.confidences == pytest.approx([0.6, 0.8])
    assert found.accuracies == pytest.approx([0.5, 1.0])
    assert found.error == pytest.approx((0.1 + 0.2) / 2)
    log_loss = -np.log([0.8, 0.8, 0.6, 0.4]).mean()
    assert found.log_loss == pytest.approx(log_loss)
    assert found.brier == pytest.approx((0.08 + 0.08 + 0.32 + 0.72) / 4)


def test_labels_of_the_probabilities_leave_the_floor_alone():
    logits, labels = drawn(4000)
    found = calibration(logits, labels, 10)
    # The standard error of a bin of 400 is at most 0.025, and a mean of ten such
    # distances spreads by a third of one.
    assert found.error == pytest.approx(found.floor, abs=0.02)
    assert found.floor < 0.02
    sharp = calibration(3.0 * logits, labels, 10)
    assert sharp.accuracy == found.accuracy
    assert sharp.error > 0.1 > 5 * sharp.floor


@pytest.mark.parametrize("scale", [1e-6, 1.0, 40.0])
def test_the_temperature_that_labels_were_drawn_at(scale):
    logits, labels = drawn(20_000, temperature=2.5)
    # Its standard error is some 0.03: the loss at 2.5 is flat to 1e-4.
    found = best_temperature(scale * logits, labels)
    assert found == pytest.approx(2.5 * scale, rel=0.1)


@pytest.mark.parametrize(
    "logits, labels, bins, name",
    [
        (np.zeros(3), np.zeros(3, int), 1, "logits"),
        (np.zeros((3, 2)), np.zeros(2, int), 1, "labels"),
        (np.zeros((3, 2)), np.array([0, 1, 2]), 1, "labels"),
        (np.zeros((3, 2)), np.zeros(3, int), 4, "num_bins"),
    ],
)
def test_bad_arguments_are_named(logits, labels, bins, name):
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        calibration(logits, labels, bins)
