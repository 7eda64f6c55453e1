"""The kernel distance: squared maximum mean discrepancy of a cubic kernel.

    k(a, b) = (a . b / width + 1)^3
    MMD^2 = E k(a, a') + E k(b, b') - 2 E k(a, b)

Unbiased: 0 on average for two sets of one distribution, however few images, and so
below 0 as often as above. It asks for no covariance.

References: Gretton et al., 2012 (the estimate); Binkowski et al., 2018 (the kernel).
"""

import numpy as np
from sklearn.metrics.pairwise import polynomial_kernel

from ebm_tf import checks
from ebm_tf.metrics import feature_sets
from ebm_tf.metrics.feature_sets import Estimate


def kernel_distance(
    train: np.ndarray, samples: np.ndarray, num_blocks: int
) -> Estimate:
    """Returns the mean of the distance over blocks that share no image.

    The blocks are independent of each other, so their spread is an honest error; and
    memory is that of one block's kernel.

    Args:
        train: Features `[M, width]`, in no particular order.
        samples: Features `[N, width]`, likewise.
        num_blocks: Into how many blocks each set is cut, >= 2.

    Raises:
        ValueError: If widths differ, or a block would have fewer than two images.
    """
    checks.require_count("num_blocks", num_blocks, low=2)
    least = 2 * num_blocks
    train, samples = feature_sets.require_pair(train, samples, least)
    pairs = zip(
        feature_sets.blocks(len(train), num_blocks),
        feature_sets.blocks(len(samples), num_blocks),
        strict=True,
    )
    values = [_unbiased(train[first], samples[second]) for first, second in pairs]
    error = np.std(values, ddof=1) / np.sqrt(num_blocks)
    return Estimate(float(np.mean(values)), float(error))


def _unbiased(first: np.ndarray, second: np.ndarray) -> float:
    """Returns MMD^2 without the terms of an image with itself."""
    first, second = (np.asarray(each, np.float64) for each in (first, second))
    own = [_mean_of_pairs(_kernel(each, each)) for each in (first, second)]
    return sum(own) - 2.0 * float(np.mean(_kernel(first, second)))


def _kernel(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return polynomial_kernel(first, second, degree=3, coef0=1.0)  # gamma is 1 / width


def _mean_of_pairs(kernel: np.ndarray) -> float:
    num = len(kernel)
    return float((kernel.sum() - np.trace(kernel)) / (num * (num - 1)))
