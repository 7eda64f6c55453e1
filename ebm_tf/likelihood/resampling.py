"""Chains of an annealing run drawn anew by their weights: sequential Monte Carlo.

Heavy chains are copied and light ones dropped wherever the effective sample size has
come down to half the chains. The mean of the weights stays unbiased for Z: whether to
resample is decided by the chains as they are, and systematic resampling keeps each
in proportion to its weight on average [1]. Levels and steps must be frozen before.

What an effective sample size says is lost with the old weights. In its place stand
the spread of log Z-hat over independent runs, and how many chains of the start still
have descendants.

[1] Del Moral, Doucet and Jasra, Sequential Monte Carlo samplers, 2006.
    https://arxiv.org/abs/cond-mat/0212648
"""

import tensorflow as tf

from ebm_tf import rng
from ebm_tf.types import Seed


def resample_below_half(state, seed: Seed):
    """Resamples chains, if their effective sample size is below half their number.

    Args:
        state: An `annealing.AisState` of N chains.
        seed: `int32[2]`.

    Returns:
        The same, or with chains drawn in proportion to their weights, each of which
        then has the mean weight; `squared_cv` grows by that of the old weights.
    """
    return resample_along(state, (), seed)[0]


def resample_along(state, along, seed: Seed):
    """Does as `resample_below_half`, and keeps what is known of the chains with them.

    Args:
        state: An `annealing.AisState` of N chains.
        along: Tensors `[N, ...]` in any structure.
        seed: `int32[2]`.

    Returns:
        The state, and `along` of its chains.
    """
    log_w, num = state.log_weights, tf.shape(state.x)[0]
    count = tf.cast(num, tf.float64)
    share = tf.nn.softmax(log_w)
    ess = 1.0 / tf.reduce_sum(tf.square(share))
    needed = ess < 0.5 * count
    every = tf.range(num)
    place = tf.cast(every, tf.float64) + rng.uniform(seed, [], tf.float64)
    drawn = tf.searchsorted(tf.cumsum(share), place / count)
    index = tf.where(needed, tf.minimum(drawn, num - 1), every)
    log_mean = tf.reduce_logsumexp(log_w) - tf.math.log(count)
    squared_cv = (count / ess - 1.0) * count / tf.maximum(count - 1.0, 1.0)
    resampled = state._replace(
        x=tf.gather(state.x, index),
        log_weights=tf.where(needed, tf.fill([num], log_mean), log_w),
        ancestors=tf.gather(state.ancestors, index),
        squared_cv=state.squared_cv + tf.where(needed, squared_cv, 0.0),
    )
    return resampled, tf.nest.map_structure(lambda part: tf.gather(part, index), along)
