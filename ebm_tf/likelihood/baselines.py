"""What a model has to beat: simple densities, fitted to the images it was trained on.

  histogram        each pixel by itself: how often it has each level
  diagonal_logits  each pixel by itself: a Gaussian of its logit
  full_logits      a Gaussian of all logits, with their whole covariance
  mixture          one diagonal Gaussian a class, truncated to the box

Each has one number that smooths it: the prior count of the histogram, the least
deviation of the others. It is the one under which validation images are likeliest.
A mixture with a floor that is not fitted can be made as weak as one likes.

All are exactly normalized: their log-likelihoods have no error but the choice of the
images. All are bases too (`ebm_tf.likelihood.base`): annealing can start from them.
"""

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ebm_tf import checks
from ebm_tf.box import Box
from ebm_tf.likelihood.base import Base, LogitGaussian, TruncatedMixture
from ebm_tf.likelihood.moments import Moments, level_counts, logits
from ebm_tf.likelihood.pixels import PixelHistogram, PixelLogitGaussian

# A covariance of more coordinates than this is not worth its memory and time.
MAX_FULL_DIMS = 4096
# Numbers of a batch of states.
_BATCH_SIZE = 4 * 10**5

# Name -> the numbers to choose its smoothing from: counts, or deviations of the logits,
# or deviations as shares of the box's width.
_FLOORS = tuple(2.0 ** (power / 2.0) for power in range(-24, -9))
BASELINES = {
    "histogram": (0.01, 0.03, 0.1, 0.3, 1.0, 3.0),
    "diagonal_logits": (0.03, 0.1, 0.3, 0.6, 1.0, 1.5),
    "full_logits": (0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0),
    "mixture": _FLOORS,
}
# What they are called in tables, those of noised images (`blurred.py`) too.
TITLES = {
    "histogram": "independent pixels, histogram",
    "diagonal_logits": "diagonal Gaussian of logits",
    "full_logits": "full Gaussian of logits",
    "mixture": "mixture of Gaussians, one a class",
    "diagonal": "diagonal Gaussian of pixels",
    "full": "full Gaussian of pixels",
}


class Statistics(NamedTuple):
    """All that is kept of the training images.

    Attributes:
        counts: How often each coordinate has each level, int64 `[d, num_levels]`.
        mean: `[d]`.
        covariance: `[d, d]`, or the variances `[d]` beyond `MAX_FULL_DIMS`.
        logit_mean: The same of the logits.
        logit_covariance: Likewise.
        class_counts: Images of each class that has two or more, `[M]`.
        class_mean: `[M, d]`.
        class_variance: `[M, d]`.
    """

    counts: np.ndarray
    mean: np.ndarray
    covariance: np.ndarray
    logit_mean: np.ndarray
    logit_covariance: np.ndarray
    class_counts: np.ndarray
    class_mean: np.ndarray
    class_variance: np.ndarray


class Baseline(NamedTuple):
    """A fitted density.

    Attributes:
        name: A key of `TITLES`.
        smoothing: The number that was chosen.
        density: With `log_prob` and `sample`.
        validation: Mean log-likelihood of the validation images, nats.
    """

    name: str
    smoothing: float
    density: Base
    validation: float

    @property
    def title(self) -> str:
        """What it is called in tables."""
        return TITLES[self.name]


def collect(parts: Iterable[tuple[np.ndarray, np.ndarray]], box: Box) -> Statistics:
    """Goes through the training images once.

    Args:
        parts: Images, dequantized, `[n, *state_shape]`, and their classes, ints `[n]`,
            some thousand at a time; zeros where there are no classes.
        box: The box, of levels.

    Raises:
        ValueError: If there are fewer than two images of every class, the box has no
            levels, or an image lies on its edge.
    """
    checks.require(box.num_levels is not None, "box", "of levels", str(box))
    classes: dict[int, Moments] = {}
    counts = None
    for x, labels in parts:
        rows = np.asarray(x).reshape(len(x), -1)
        if counts is None:
            num_dims = rows.shape[1]
            plain, stretched = (
                Moments(diagonal=num_dims > MAX_FULL_DIMS) for _ in range(2)
            )
            counts = np.zeros((num_dims, box.num_levels), np.int64)
        levels = box.encode(tf.constant(rows, tf.float32)).numpy()
        counts += level_counts(levels, box.num_levels)
        rows = rows.astype(np.float64)
        plain.add(rows)
        stretched.add(logits(rows, box))
        for label in np.unique(labels):
            own = classes.setdefault(int(label), Moments(diagonal=True))
            own.add(rows[labels == label])
    large = [own for _, own in sorted(classes.items()) if own.num >= 2]
    rule = "with two training images or more of a class"
    checks.require(bool(large), "examples", rule, f"{len(classes)} classes of one")
    return Statistics(
        counts,
        plain.mean,
        plain.covariance,
        stretched.mean,
        stretched.covariance,
        np.array([own.num for own in large]),
        np.stack([own.mean for own in large]),
        np.stack([own.covariance for own in large]),
    )


def possible(num_dims: int) -> list[str]:
    """Returns the names of the baselines of states of so many numbers."""
    return [
        name for name in BASELINES if name != "full_logits" or num_dims <= MAX_FULL_DIMS
    ]


def make(
    name: str,
    statistics: Statistics,
    smoothing: float,
    box: Box,
    state_shape: tuple[int, ...],
) -> Base:
    """Returns a baseline smoothed by that number.

    Args:
        name: A key of `BASELINES`.
        statistics: Of the training images.
        smoothing: Prior count, or least deviation.
        box: The box.
        state_shape: Shape of one state.
    """
    checks.require_choice("name", name, BASELINES)
    place = box, state_shape
    if name == "histogram":
        return PixelHistogram(statistics.counts, smoothing, *place)
    mean, covariance = statistics.logit_mean, statistics.logit_covariance
    if name == "full_logits":
        ridge = smoothing**2 * np.eye(len(mean))
        return LogitGaussian(mean, covariance + ridge, *place)
    if name == "diagonal_logits":
        variance = covariance if covariance.ndim == 1 else np.diag(covariance)
        std = np.maximum(np.sqrt(variance), smoothing)
        return PixelLogitGaussian(mean, std, *place)
    shape = (-1, *state_shape)
    floor = smoothing * (box.high - box.low)
    std = np.maximum(np.sqrt(statistics.class_variance), floor)
    mean = np.clip(statistics.class_mean, box.low, box.high)
    weight = statistics.class_counts
    return TruncatedMixture(weight, mean.reshape(shape), std.reshape(shape), box)


def fit(statistics: Statistics, validation: np.ndarray, box: Box) -> list[Baseline]:
    """Chooses the smoothing of each by validation images; the likeliest comes first.

    Args:
        statistics: Of the training images.
        validation: Other images, dequantized, `[N, *state_shape]`.
        box: The box.

    Raises:
        ValueError: If there is no validation image, or none of a baseline's
            log-likelihoods of them is finite.
    """
    rule = "with a validation image to choose by"
    checks.require(len(validation) > 0, "examples", rule, "none")
    shape = validation.shape[1:]
    found = [
        choose(
            name,
            BASELINES[name],
            functools.partial(make, name, statistics, box=box, state_shape=shape),
            validation,
        )
        for name in possible(math.prod(shape))
    ]
    return sorted(found, key=lambda one: -one.validation)


def choose(
    name: str,
    numbers: Sequence[float],
    make_density: Callable[[float], Base],
    validation: np.ndarray,
) -> Baseline:
    """Returns the baseline with the smoothing that validation images ask for.

    Args:
        name: Of the baseline.
        numbers: What its smoothing may be.
        make_density: Makes a density of one of them.
        validation: Images, `[N, ...]`.

    Raises:
        ValueError: If none of the log-likelihoods is finite.
    """
    tried = []
    for number in numbers:
        density = make_density(number)
        value = float(np.mean(log_probs(density, validation)))
        tried.append(Baseline(name, number, density, value))
    finite = [one for one in tried if math.isfinite(one.validation)]
    rule = "finite under one smoothing at least"
    checks.require(bool(finite), name, rule, [one.validation for one in tried])
    return max(finite, key=lambda one: one.validation)


def log_probs(density: Base, x: np.ndarray) -> np.ndarray:
    """Returns the log densities of images, `[N, ...]`: float64 `[N]`, nats."""
    size = max(1, _BATCH_SIZE // math.prod(x.shape[1:]))
    parts = [
        np.asarray(density.log_prob(tf.constant(x[first : first + size])), np.float64)
        for first in range(0, len(x), size)
    ]
    return np.concatenate(parts)
