"""How chains behave: how far they move, where they stick, whether they mix.

All functions are TensorFlow and may be called inside a compiled one.
References of R-hat and the effective sample size, which TensorFlow Probability
computes: Gelman & Rubin, 1992; Brooks & Gelman, 1998; Vehtari et al., 2021.
"""

import contextlib
import logging

import tensorflow as tf
import tensorflow_probability as tfp

from ebm_tf import checks
from ebm_tf.box import StateSpace

# Of states stored as floats: half a bin of 256 levels, as a share of the box.
MARGIN = 1.0 / 512.0


def saturated_share(x: tf.Tensor, box: StateSpace) -> tf.Tensor:
    """Returns the share of each state's coordinates that lie at an end of the box.

    At an end is what is within half a bin of it, which for images is level 0 or
    255: `Box.center` puts the outermost level exactly there, so stored images and
    float states are counted alike. Where states are stored as floats, what is within
    1/512 of the box's width.

    Args:
        x: States, `[B, ...]`.
        box: The state space; an open one has no ends, and the share is 0.

    Returns:
        `[B]`, in [0, 1].
    """
    if not box.is_bounded:
        return tf.zeros(tf.shape(x)[:1])
    share = MARGIN if box.num_levels is None else 0.5 / box.num_levels
    margin = share * (box.high - box.low) * (1.0 + 1e-5)  # room for rounding
    ends = (x <= box.low + margin) | (x >= box.high - margin)
    return _mean_over_coordinates(tf.cast(ends, tf.float32))


def mean_movement(start: tf.Tensor, end: tf.Tensor) -> tf.Tensor:
    """Returns the mean absolute change of a coordinate, of each chain.

    Args:
        start: States, `[B, ...]`.
        end: Where their chains ended, same shape.

    Returns:
        `[B]`, in the unit of the states (pixels for images).
    """
    return _mean_over_coordinates(tf.abs(end - start))


def rms_movement(start: tf.Tensor, end: tf.Tensor) -> tf.Tensor:
    """Returns the L2 distance moved over the root of the number of coordinates.

    Args:
        start: States, `[B, ...]`.
        end: Where their chains ended, same shape.

    Returns:
        `[B]`, in the unit of the states (pixels for images).
    """
    return tf.sqrt(_mean_over_coordinates(tf.square(end - start)))


def diversity(x: tf.Tensor) -> tf.Tensor:
    """Returns the RMS difference of a coordinate between two different states.

    The root of the mean, over all pairs of states and all coordinates, of the
    squared difference: 0 if all states are one, 0.408 for uniform noise on [0, 1].

    Args:
        x: States, `[B, ...]`, B >= 2.

    Returns:
        Scalar, in the unit of the states.

    Raises:
        ValueError: If there are fewer than two states.
    """
    checks.require(x.shape[0] is None or x.shape[0] >= 2, "x", "two states", x.shape)
    num = tf.cast(tf.shape(x)[0], x.dtype)
    variance = tf.math.reduce_variance(x, axis=0) * num / (num - 1.0)
    return tf.sqrt(2.0 * tf.reduce_mean(variance))


def potential_scale_reduction(trace: tf.Tensor) -> tf.Tensor:
    """Returns split R-hat of each coordinate: near 1 if the chains agree.

    Each chain is cut into halves, so that a drift which all chains share shows too. Of
    m halves of n times, with B/n the variance of their means and W the mean of their
    variances, both unbiased, it is

        sqrt((n - 1) / n + (m + 1) / m * (B / n) / W)

    with the factor (m + 1) / m of Brooks & Gelman, for that the mean of m chains is
    itself a draw: TFP has it, Vehtari et al. and Stan leave it out, so that with few
    chains that disagree this R-hat is the larger, by 1/(2m) at most.

    Args:
        trace: States over time, `[T, B, ...]`, T >= 4, B >= 2 chains.

    Returns:
        `[...]`, without unit; NaN for a coordinate that never changed.

    Raises:
        ValueError: If the trace is too short or has one chain.
    """
    _check_trace(trace)
    ratio = tfp.mcmc.potential_scale_reduction(
        trace, independent_chain_ndims=1, split_chains=True
    )
    return tf.sqrt(ratio)  # TFP's is the ratio of variances; R-hat is of scales


def effective_sample_size(trace: tf.Tensor) -> tf.Tensor:
    """Returns how many independent draws the chains are worth, per coordinate.

    Args:
        trace: States over time, `[T, B, ...]`, T >= 4, B >= 2 chains.

    Returns:
        `[...]`, draws, over all chains together; NaN for a coordinate that never
        changed.

    Raises:
        ValueError: If the trace is too short or has one chain.
    """
    _check_trace(trace)
    with _without_warnings():
        return tfp.mcmc.effective_sample_size(
            trace, cross_chain_dims=1, filter_beyond_positive_pairs=True
        )


@contextlib.contextmanager
def _without_warnings():
    """TFP casts the result of a Fourier transform, and TensorFlow says so each time."""
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _check_trace(trace) -> None:
    shape = tuple(trace.shape)
    rule = "[T, B, ...] with at least 4 times and 2 chains"
    checks.require(
        len(shape) >= 2 and shape[0] >= 4 and shape[1] >= 2, "trace", rule, shape
    )


def _mean_over_coordinates(values: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(values, axis=list(range(1, len(values.shape))))
