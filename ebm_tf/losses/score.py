"""Score matching: fitting the slope of the energy to noised data, without a sampler.

[1] Vincent, A connection between score matching and denoising autoencoders, 2011.
    https://www.iro.umontreal.ca/~vincentp/Publications/smdae_techreport.pdf
[2] Guth, Kadkhodaie and Simoncelli, Learning normalized image densities via dual
    score matching, NeurIPS 2025. https://arxiv.org/abs/2506.05310
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from ebm_tf.rows import per_row
from ebm_tf.types import EnergyFn


def denoising_score_matching(
    energy_fn: EnergyFn,
    x: tf.Tensor,
    noised: tf.Tensor,
    *,
    noise_std: float,
    temperature: float,
    global_batch_size: int,
) -> tf.Tensor:
    """Returns mean (noise_std * score(noised) + n)**2 / 2, a scalar share [1].

    score = -dE/dx / temperature is that of `exp(-E / temperature)`, and n the noise,
    `(noised - x) / noise_std`. The mean is over states and coordinates: 1/2 for a flat
    energy. Least where the energy is that of the data with the noise added.

    Args:
        energy_fn: `[B, ...] -> [B]`, nats.
        x: Data, float `[B, ...]`.
        noised: `x + noise_std * n`, n ~ N(0, I), same shape.
        noise_std: Scale of the noise, in units of x, > 0.
        temperature: That of the density, > 0.
        global_batch_size: Number of data points over all replicas.
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(noised)
        energy = energy_fn(noised)
    score = -tape.gradient(energy, noised) / temperature
    residual = noise_std * score + (noised - x) / noise_std
    num_dims = x[0].shape.num_elements()
    return tf.reduce_sum(tf.square(residual)) / (2 * num_dims * global_batch_size)


class DualScore(NamedTuple):
    """Of each row, `[B]`.

    Attributes:
        space: Squared error of the slope in the state, a mean over coordinates.
        level: Squared error of the slope in the level.
        energy: Of the state with noise, nats.
    """

    space: tf.Tensor
    level: tf.Tensor
    energy: tf.Tensor


def dual_score_matching(
    energy_fn: Callable[[tf.Tensor, tf.Tensor], tf.Tensor],
    x: tf.Tensor,
    noise: tf.Tensor,
    sigma: tf.Tensor,
) -> DualScore:
    """Returns the two terms of dual score matching [2] for each row.

    With `y = x + sigma * noise` and `d` coordinates,

        space = mean((sigma * dE/dy - noise)**2)
        level = ((sigma * dE/dsigma - (d - |noise|**2)) / (2 * d))**2

    The mean of each target, given y, is the derivative of `-log p(y, sigma)`, so that
    their sum is least where E is that up to one constant for all y and sigma: what
    the density is at the widest level, that it is at all. Both terms are of the order
    of 1 or below; with d numbers to a state the noise of "level" is `1 / (2 * d)`.

    Args:
        energy_fn: `([B, ...], [B]) -> [B]`: states and levels to nats.
        x: Data, float `[B, ...]`.
        noise: Standard normal, same shape.
        sigma: The level of each row, > 0, `[B]`.
    """
    rows = per_row(sigma, x)
    y, log_sigma = x + rows * noise, tf.math.log(sigma)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch([y, log_sigma])
        energy = energy_fn(y, tf.exp(log_sigma))
    in_space, in_level = tape.gradient(energy, [y, log_sigma])
    axes = list(range(1, x.shape.rank))
    num_dims = x[0].shape.num_elements()
    space = tf.reduce_mean(tf.square(rows * in_space - noise), axis=axes)
    wanted = num_dims - tf.reduce_sum(tf.square(noise), axis=axes)
    level = tf.square((in_level - wanted) / (2.0 * num_dims))
    return DualScore(space, level, energy)
