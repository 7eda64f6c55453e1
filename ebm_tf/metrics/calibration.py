"""Does a classifier know how sure it can be?

References: Guo, Pleiss, Sun and Weinberger, On calibration of modern neural networks,
    2017 (expected calibration error, temperature scaling).
    https://arxiv.org/abs/1706.04599
"""

from typing import NamedTuple

import numpy as np
import scipy.optimize
import scipy.special

from ebm_tf import checks

# log10 of the temperatures that are looked among.
_LOG_TEMPERATURES = (-9.0, 9.0)


class Calibration(NamedTuple):
    """What probabilities say, and what is true.

    Attributes:
        accuracy: Share of rows whose likeliest class is right.
        error: Expected calibration error: how far confidence and accuracy of a bin
            are apart, on average over bins of as many rows, in [0, 1].
        floor: What `error` would be on average if each row were right with the very
            probability that it says: what the number of rows alone makes of it.
        log_loss: Mean of -log p(label), nats.
        brier: Mean squared distance from the label, of the whole row of
            probabilities, in [0, 2].
        confidences: Mean probability of the likeliest class in each bin, `[bins]`.
        accuracies: Share of rows that are right in each bin, `[bins]`.
    """

    accuracy: float
    error: float
    floor: float
    log_loss: float
    brier: float
    confidences: np.ndarray
    accuracies: np.ndarray


def calibration(
    logits: np.ndarray, labels: np.ndarray, num_bins: int, num_draws: int = 100
) -> Calibration:
    """Returns how well `softmax(logits)` knows how often it is right.

    Args:
        logits: `[N, C]`, nats.
        labels: Classes, int `[N]`.
        num_bins: Bins, at most N, of as many rows each, by confidence.
        num_draws: Draws of labels that the floor is a mean over.

    Raises:
        ValueError: If there are not as many labels as rows, a label is none of the
            classes, or there are more bins than rows.
    """
    logits = _checked(logits, labels)
    checks.require_count("num_bins", num_bins, high=len(labels))
    log_probs = scipy.special.log_softmax(logits, axis=1)
    probs, rows = np.exp(log_probs), np.arange(len(labels))
    confidence, right = probs.max(axis=1), probs.argmax(axis=1) == labels
    bins = np.array_split(np.argsort(confidence, kind="stable"), num_bins)
    sizes = np.array([len(each) for each in bins]) / len(labels)
    confidences = np.array([confidence[each].mean() for each in bins])
    accuracies = np.array([right[each].mean() for each in bins])
    draw, floors = np.random.default_rng(0), []
    for _ in range(num_draws):
        drawn = draw.random(len(labels)) < confidence
        apart = [drawn[each].mean() for each in bins] - confidences
        floors.append(sizes @ np.abs(apart))
    wanted = np.zeros_like(probs)
    wanted[rows, labels] = 1.0
    return Calibration(
        accuracy=float(right.mean()),
        error=float(sizes @ np.abs(confidences - accuracies)),
        floor=float(np.mean(floors)),
        log_loss=float(-log_probs[rows, labels].mean()),
        brier=float(np.square(probs - wanted).sum(axis=1).mean()),
        confidences=confidences,
        accuracies=accuracies,
    )


def best_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Returns the T > 0 whose `softmax(logits / T)` has the least log loss.

    It is between 1e-9 and 1e9: at the lower end if all rows are right, at the upper
    if logits know less than nothing.

    Args:
        logits: `[N, C]`, nats; of data that the loss is not measured on.
        labels: Classes, int `[N]`.

    Raises:
        ValueError: As `calibration`.
    """
    logits, rows = _checked(logits, labels), np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        scaled = logits / 10.0**log_temperature
        return -scipy.special.log_softmax(scaled, axis=1)[rows, labels].mean()

    # The loss is convex in 1 / T, so it has one valley in log T; a grid finds it.
    low, high = _LOG_TEMPERATURES
    grid = np.linspace(low, high, 37)
    best = grid[np.argmin([loss(value) for value in grid])]
    bounds = max(low, best - 0.5), min(high, best + 0.5)
    found = scipy.optimize.minimize_scalar(loss, bounds=bounds, method="bounded")
    return float(10.0**found.x)


def _checked(logits, labels) -> np.ndarray:
    logits, labels = np.asarray(logits, np.float64), np.asarray(labels)
    is_table = logits.ndim == 2 and logits.size > 0
    checks.require(is_table, "logits", "of shape [N, C]", logits.shape)
    rule = f"of shape ({len(logits)},)"
    checks.require(labels.shape == logits.shape[:1], "labels", rule, labels.shape)
    rule = f"in [0, {logits.shape[1]})"
    is_class = 0 <= labels.min() <= labels.max() < logits.shape[1]
    checks.require(is_class, "labels", rule, (labels.min(), labels.max()))
    return logits
