"""Targets on which samplers of the literature are compared, with known log Z.

Far modes, a neck that no one step size fits, and heavy tails: an estimate that is
right on Gaussians may still miss these. Each has exact samples.

[1] Neal, Slice sampling, 2003: the funnel.
[2] Midgley et al., Flow annealed importance sampling bootstrap, 2023: 40 Gaussians.
[3] Blessing et al., Beyond ELBOs, 2024: both, and the mixture of Student-t.
    https://arxiv.org/abs/2406.07423
"""

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from ebm_tf import checks
from ebm_tf.energy.analytic import FromDistribution

tfb = tfp.bijectors
tfd = tfp.distributions


def funnel(num_dims: int = 10, std: float = 3.0) -> FromDistribution:
    """Returns Neal's funnel [1]: `x[0] ~ N(0, std**2)`, the rest `N(0, exp(x[0]))`.

    Args:
        num_dims: At least 2.
        std: Of the first coordinate.

    Raises:
        ValueError: If an argument is too small.
    """
    checks.require_count("num_dims", num_dims, low=2)
    checks.require_number("std", std, above=0)

    def shift_and_log_scale(first, num_rest, **unused):
        del unused
        return None, tf.repeat(first / 2.0, num_rest, axis=-1)

    widen = tfb.RealNVP(num_masked=1, shift_and_log_scale_fn=shift_and_log_scale)
    scale = tfb.ScaleMatvecDiag([std, *(num_dims - 1) * [1.0]])
    normal = tfd.MultivariateNormalDiag(tf.zeros(num_dims))
    both = tfb.Chain([widen, scale])
    return FromDistribution(tfd.TransformedDistribution(normal, both))


def gaussians_40(num_dims: int = 2, seed: int = 0) -> FromDistribution:
    """Returns 40 Gaussians of deviation log(1 + e), means evenly in -40 to 40 [2].

    Args:
        num_dims: At least 1.
        seed: Of the means.

    Raises:
        ValueError: If `num_dims` is not positive.
    """
    checks.require_count("num_dims", num_dims)
    means = np.random.default_rng(seed).uniform(-40.0, 40.0, (40, num_dims))
    return _mixture(
        tfd.MultivariateNormalDiag(
            tf.constant(means, tf.float32),
            tf.fill([40, num_dims], float(np.log1p(np.e))),
        ),
        40,
    )


def student_ts(num_dims: int = 2, num: int = 10, seed: int = 0) -> FromDistribution:
    """Returns Student-t densities of 2 degrees, means evenly in -10 to 10 [3].

    Args:
        num_dims: At least 1.
        num: Of densities, at least 1.
        seed: Of the means.

    Raises:
        ValueError: If a number is not positive.
    """
    checks.require_count("num_dims", num_dims)
    checks.require_count("num", num)
    means = np.random.default_rng(seed).uniform(-10.0, 10.0, (num, num_dims))
    return _mixture(
        tfd.MultivariateStudentTLinearOperator(
            df=2.0,
            loc=tf.constant(means, tf.float32),
            scale=tf.linalg.LinearOperatorIdentity(num_dims),
        ),
        num,
    )


def _mixture(components: tfd.Distribution, num: int) -> FromDistribution:
    even = tfd.Categorical(logits=tf.zeros(num))
    return FromDistribution(tfd.MixtureSameFamily(even, components))
