"""Bases fitted to data: dequantize it first, and take the training split.

What a base finds unlikely costs temperatures, what it cuts off is lost: both fits
take a smallest width, and `require_cover` looks for holes.
"""

import numpy as np
import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.box import Box
from ebm_tf.likelihood import moments
from ebm_tf.likelihood.base import Base, LogitGaussian, TruncatedMixture, Uniform
from ebm_tf.likelihood.config import BaseConfig
from ebm_tf.types import Seed


def fit_truncated_mixture(
    x, component, num_components: int, box: Box, min_std: float
) -> TruncatedMixture:
    """Fits one truncated Gaussian to each group of data, with the groups' shares.

    With one group this is the truncated diagonal Gaussian. Means and deviations
    are the data's, which is not quite the most likely fit where much is cut off;
    the density is exactly normalized all the same.

    Args:
        x: Data, dequantized, array `[N, *state_shape]`.
        component: Group of each row, ints `[N]` in `[0, num_components)`: labels,
            clusters, or zeros.
        num_components: Number of groups, each with at least two rows.
        box: The box.
        min_std: Smallest deviation: pixels that hardly vary in the data must not
            cut off what the model finds likely.

    Returns:
        A `TruncatedMixture`.

    Raises:
        ValueError: If there is no data, a group has fewer than two rows, or
            `min_std` is not positive.
    """
    x = _require_data(x)
    checks.require_number("min_std", min_std, above=0)
    component = np.asarray(component)
    counts = np.bincount(component, minlength=num_components)
    checks.require(
        len(counts) == num_components and bool(np.all(counts >= 2)),
        "component",
        f"at least two rows for each of {num_components} groups",
        counts.tolist(),
    )
    groups = [x[component == k] for k in range(num_components)]
    mean = np.stack([group.mean(axis=0) for group in groups])
    std = np.stack([np.maximum(group.std(axis=0), min_std) for group in groups])
    return TruncatedMixture(counts, np.clip(mean, box.low, box.high), std, box)


def fit_logit_gaussian(x, box: Box, min_std: float) -> LogitGaussian:
    """Fits a full-covariance Gaussian to the logits of data.

    Args:
        x: Data, dequantized, strictly inside the box, array `[N, *state_shape]`.
        box: The box.
        min_std: Deviation of independent noise added to the logits' covariance,
            so that directions without data keep some width.

    Returns:
        A `LogitGaussian`.

    Raises:
        ValueError: If there are fewer than two rows, one lies on the edge of the
            box, or `min_std` is not positive.
    """
    checks.require(len(x) >= 2, "x", "at least two rows of data", np.shape(x))
    checks.require_number("min_std", min_std, above=0)
    x = np.asarray(x)
    found = moments.logit_moments(x, box)
    covariance = found.covariance + min_std**2 * np.eye(len(found.mean))
    return LogitGaussian(found.mean, covariance, box, x.shape[1:])


def fit_base(config: BaseConfig, x: np.ndarray, labels: np.ndarray, box: Box) -> Base:
    """Returns the base of that configuration, fitted where it is a fitted one.

    Args:
        config: Which.
        x: Training images, dequantized, `[N, ...]`.
        labels: `int32 [N]`, for "class_mixture".
        box: The box.

    Raises:
        ValueError: If a class has fewer than two images, or the base leaves out
            a part of the box.
    """
    if config.kind == "uniform":
        base = Uniform(box, x.shape[1:])
    elif config.kind == "logit_gaussian":
        base = fit_logit_gaussian(x, box, config.min_std)
    else:
        if config.kind == "truncated_gaussian":
            labels = np.zeros(len(x), np.int32)
        num = int(labels.max()) + 1
        base = fit_truncated_mixture(x, labels, num, box, config.min_std)
    require_cover(base, box, rng.make_seed(0))
    return base


def require_cover(base: Base, box: Box, seed: Seed, num: int = 1000) -> None:
    """Raises unless `base` has a finite log density at random points of the box.

    What a base gives no probability, annealing never visits, and log Z comes out
    low by the mass it missed.

    Raises:
        ValueError: If a point has no finite log density.
    """
    x = box.uniform(seed, (num, *base.state_shape))
    finite = tf.math.is_finite(base.log_prob(x)).numpy()
    missing = f"no finite log_prob at {num - finite.sum()} of {num} points of the box"
    checks.require(bool(finite.all()), "base", "positive on the whole box", missing)


def _require_data(x) -> np.ndarray:
    x = np.asarray(x, np.float64)
    checks.require(len(x) >= 2, "x", "at least two rows of data", x.shape)
    return x
