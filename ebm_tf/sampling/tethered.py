"""Chains at one noise level that are held to what a state is at the next higher one.

With noise of level `higher` a state is y; what it was at level `sigma` has the density

    p(x | y)  ~  exp(-E(x, sigma) - |y - x|**2 / (2 * (higher**2 - sigma**2)))

whose second term, the tether, leaves few modes where levels are close: short chains
that begin at y are enough.

[1] Gao et al., Learning energy-based models by diffusion recovery likelihood, ICLR
    2021. https://arxiv.org/abs/2012.08125
"""

import tensorflow as tf

from ebm_tf.rows import per_row
from ebm_tf.sampling.langevin import LangevinSettings, langevin_steps
from ebm_tf.types import EnergyFn, Seed


def level_at(k: tf.Tensor | int, num: int, low: float, high: float) -> tf.Tensor:
    """Returns level k of `num + 1` from `high`, k = 0, to `low`; float32, as k.

    Their logarithms are evenly spaced. Below 0 or above `num` it is an end.
    """
    share = tf.clip_by_value(tf.cast(k, tf.float32) / num, 0.0, 1.0)
    level = tf.clip_by_value(high * (low / high) ** share, low, high)
    return tf.where(share < 1.0, level, low)  # rounding leaves the end a little above


def tethered(energy_fn: EnergyFn, y: tf.Tensor, std: tf.Tensor) -> EnergyFn:
    """Returns `E(x) + |x - y|**2 / (2 std**2)`.

    Args:
        energy_fn: E, `[B, ...] -> [B]`, nats.
        y: What chains are held to, `[B, ...]`.
        std: The tether's, a scalar or one of each row, `[B]`.
    """

    def energy(x):
        axes = list(range(1, x.shape.rank))
        apart = tf.reduce_sum(tf.square(x - y), axis=axes)
        return energy_fn(x) + 0.5 * apart / tf.square(std)

    return energy


def tethered_chain(
    energy_fn: EnergyFn,
    y: tf.Tensor,
    levels: tuple[tf.Tensor, tf.Tensor],
    seed: Seed,
    *,
    num_steps: int,
    step_size: float,
) -> tf.Tensor:
    """Returns states at a lower level, given those at a higher one [1].

    Langevin steps at temperature 1, from y. Their noise is `step_size` times the width
    of a single state's p(x | y), `sigma * sqrt(1 - (sigma / higher)**2)`.

    Args:
        energy_fn: At the lower level, `[B, ...] -> [B]`, nats.
        y: States at the higher level, `[B, ...]`.
        levels: The higher level and the lower one, scalars or of each row, `[B]`.
        seed: `int32[2]`.
        num_steps: How many steps, > 0.
        step_size: Well below 1, as steps are not adjusted.
    """
    higher, sigma = levels
    tether = tf.sqrt(tf.square(higher) - tf.square(sigma))
    noise_std = step_size * sigma * tether / higher
    if noise_std.shape.rank == 1:
        noise_std = per_row(noise_std, y)
    step = 0.5 * tf.square(noise_std)
    settings = LangevinSettings(num_steps, step, noise_std, None)
    held = tethered(energy_fn, y, tether)
    return langevin_steps(held, y, seed, settings, None, first=0, num_steps=num_steps)
