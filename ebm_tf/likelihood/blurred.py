"""The same baselines of images with Gaussian noise on them: there shape counts.

Most of the log-likelihood of clean images is how sharply a density knows that a black
pixel is black: log 256 = 5.5 nats for each. With noise of deviation `sigma` on every
pixel nothing is sharper than that, and what is left to know is where ink is.

Noised images lie in the open space, not in the box: densities are in nats alone, and
are Gaussians of pixels, not of logits. Each has the noise in it exactly: the histogram
is convolved with it, covariances have `sigma**2` more.
"""

import functools
import math
from collections.abc import Callable

import numpy as np
from scipy import special, stats

from ebm_tf import checks, rng
from ebm_tf.box import Box
from ebm_tf.likelihood.baselines import BASELINES, Baseline, Statistics, choose
from ebm_tf.likelihood.pixels import PixelHistogram
from ebm_tf.types import Seed

_FLOORS = BASELINES["mixture"][::4]
_CELLS = 4 * 10**6
_FAR = 8.0  # in deviations: what lies farther has less than 1e-15 of the mass


class LogProb:
    """A log density of flat states, as something with `log_prob` alone.

    Args:
        function: From states, float64 `[B, d]`, to nats, `[B]`.
    """

    def __init__(self, function: Callable):
        self._function = function

    def log_prob(self, x) -> np.ndarray:
        x = np.asarray(x, np.float64)
        return np.asarray(self._function(x.reshape(len(x), -1)))


def blur(x: np.ndarray, sigma: float, seed: Seed) -> np.ndarray:
    """Returns states with normal noise of deviation `sigma` added, float32.

    Raises:
        ValueError: If `sigma` is not positive.
    """
    checks.require_number("sigma", sigma, above=0)
    return np.asarray(x + sigma * rng.normal(seed, x.shape), np.float32)


def blurred_histogram(histogram: PixelHistogram, box: Box, sigma: float) -> LogProb:
    """Returns the histogram of pixels, convolved with noise.

    Args:
        histogram: Of clean states.
        box: Its box.
        sigma: Deviation of the noise.
    """
    num, width = box.num_levels, box.stored_width
    num_dims = np.arange(len(histogram.probs))
    # Levels farther away than this give nothing that counts.
    near = min(num, 2 * math.ceil(_FAR * sigma / width) + 2)
    windows = np.lib.stride_tricks.sliding_window_view(histogram.probs, near, axis=1)

    def of_some(x):
        level = np.floor((x - box.low) / width).astype(int)
        first = np.clip(level - near // 2, 0, num - near)
        edges = first[..., np.newaxis] + np.arange(near + 1)
        cdf = special.ndtr((x[..., np.newaxis] - box.low - width * edges) / sigma)
        mass = -np.diff(cdf, axis=-1)
        density = np.sum(mass * windows[num_dims, first], axis=-1) / width
        with np.errstate(divide="ignore"):  # far outside of the box it is 0
            return np.log(density).sum(axis=1)

    def log_prob(x):
        size = max(1, _CELLS // (x.shape[1] * (near + 1)))
        parts = [of_some(x[first : first + size]) for first in range(0, len(x), size)]
        return np.concatenate(parts)

    return LogProb(log_prob)


def _diagonal(statistics: Statistics, sigma: float, floor: float) -> LogProb:
    variance = statistics.covariance
    variance = variance if variance.ndim == 1 else np.diag(variance)
    std = np.sqrt(np.maximum(variance, floor**2) + sigma**2)
    return LogProb(_normal(statistics.mean, std))


def _full(statistics: Statistics, sigma: float, floor: float) -> LogProb:
    ridge = (floor**2 + sigma**2) * np.eye(len(statistics.mean))
    covariance = stats.Covariance.from_cholesky(
        np.linalg.cholesky(statistics.covariance + ridge)
    )
    normal = stats.multivariate_normal(statistics.mean, covariance)
    return LogProb(lambda x: np.atleast_1d(normal.logpdf(x)))


def _mixture(statistics: Statistics, sigma: float, floor: float) -> LogProb:
    std = np.sqrt(np.maximum(statistics.class_variance, floor**2) + sigma**2)
    share = statistics.class_counts / statistics.class_counts.sum()
    classes = [_normal(*each) for each in zip(statistics.class_mean, std, strict=True)]

    def log_prob(x):
        each = np.stack([one(x) for one in classes], axis=1)
        return special.logsumexp(each, axis=1, b=share)

    return LogProb(log_prob)


def _normal(mean: np.ndarray, std: np.ndarray) -> Callable:
    return lambda x: stats.norm.logpdf(x, mean, std).sum(axis=1)


_GAUSSIANS = {"diagonal": _diagonal, "full": _full, "mixture": _mixture}


def fit(
    statistics: Statistics,
    prior: float,
    validation: np.ndarray,
    box: Box,
    sigma: float,
) -> list[Baseline]:
    """Returns the baselines of images with that noise, the likeliest first.

    Args:
        statistics: Of the clean training images.
        prior: Of the histogram, as it was chosen for clean images.
        validation: Images with that noise, `[N, *state_shape]`: the smoothing of the
            others is chosen by them.
        box: Of clean images.
        sigma: Deviation of the noise.
    """
    shape = validation.shape[1:]
    clean = PixelHistogram(statistics.counts, prior, box, shape)
    found = [
        choose(
            "histogram",
            [prior],
            lambda _: blurred_histogram(clean, box, sigma),
            validation,
        )
    ]
    floors = [floor * (box.high - box.low) for floor in _FLOORS]
    for name, make in _GAUSSIANS.items():
        if name != "full" or statistics.covariance.ndim == 2:
            one = functools.partial(make, statistics, sigma)
            found.append(choose(name, floors, one, validation))
    return sorted(found, key=lambda one: -one.validation)


def bound(num_dims: int, sigma: float) -> float:
    """Returns what no density of noised images exceeds on average, nats.

    It is minus the entropy of the noise alone: of one image, known.
    """
    return -0.5 * num_dims * math.log(2.0 * math.pi * math.e * sigma**2)
