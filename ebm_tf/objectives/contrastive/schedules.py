"""Chains whose steps and noise change: over training, and with the energy."""

import math
from collections.abc import Callable

import tensorflow as tf

from ebm_tf.objectives.contrastive import ContrastiveConfig
from ebm_tf.rows import per_row
from ebm_tf.sampling.langevin import LangevinSettings
from ebm_tf.types import EnergyFn


def chain_settings(
    config: ContrastiveConfig, num_updates: int
) -> Callable[[EnergyFn, tf.Tensor, tf.Tensor], LangevinSettings]:
    """Returns what the chains of an update run with: `(energy_fn, x, t) -> settings`.

    `x` is where they start, `[B, ...]`, and t the number of the update, from 0.

    `chain_schedule`: with p = t / num_updates and a factor f, the step size is that of
    `langevin` times 1 + (f - 1) p ("linear") or f + (1 - f) (1 + cos(pi p)) / 2
    ("cosine"), and so is the noise with its own factor.

    `step_energy_scale` s: the step size of a chain that starts at x is larger by
    1 + |E(x)| / s, for all its steps (paper, A.12).
    """
    scheduled = _schedule(config, num_updates)
    scale = config.step_energy_scale
    if scale is None:
        return lambda energy_fn, x, update: scheduled(update)

    def settings(energy_fn: EnergyFn, x: tf.Tensor, update: tf.Tensor):
        settings = scheduled(update)
        factor = 1.0 + tf.abs(energy_fn(x)) / scale
        rows = per_row(factor, x)
        return settings._replace(step_size=settings.step_size * rows)

    return settings


def _schedule(
    config: ContrastiveConfig, num_updates: int
) -> Callable[[tf.Tensor], LangevinSettings]:
    chain, schedule = config.langevin, config.chain_schedule
    first = LangevinSettings(
        chain.num_steps, chain.step_size, chain.noise_std, chain.grad_clip
    )
    if schedule is None:
        return lambda update: first

    def settings(update: tf.Tensor) -> LangevinSettings:
        part = tf.cast(update, tf.float32) / num_updates
        left = _LEFT[schedule.shape](part)
        step_factor = schedule.step_factor + (1.0 - schedule.step_factor) * left
        noise_factor = schedule.noise_factor + (1.0 - schedule.noise_factor) * left
        return first._replace(
            step_size=chain.step_size * step_factor,
            noise_std=chain.noise_std * noise_factor,
        )

    return settings


# From 1 at the first update to 0 after the last.
_LEFT = {
    "linear": lambda part: 1.0 - part,
    "cosine": lambda part: (1.0 + tf.cos(math.pi * part)) / 2.0,
}
