"""Chains whose steps and noise change over training."""

import math
from collections.abc import Callable

import tensorflow as tf

from ebm_tf.sampling.config import LangevinConfig
from ebm_tf.sampling.langevin import LangevinSettings
from ebm_tf.training.config import TrainConfig

ChainSchedule = Callable[[tf.Tensor], LangevinConfig | LangevinSettings]


def chain_schedule(config: TrainConfig) -> ChainSchedule:
    """Returns what update t runs chains with, t from 0: `t -> settings`.

    With p = t / num_updates and a factor f, the step size is that of `langevin` times
    1 + (f - 1) p ("linear") or times f + (1 - f) (1 + cos(pi p)) / 2 ("cosine"), and
    so is the noise with its own factor.
    """
    schedule = config.chain_schedule
    if schedule is None:
        return lambda update: config.langevin
    decay = _DECAYS[schedule.shape]

    def settings(update: tf.Tensor) -> LangevinSettings:
        left = decay(tf.cast(update, tf.float32) / config.num_updates)
        step_factor = schedule.step_factor + (1.0 - schedule.step_factor) * left
        noise_factor = schedule.noise_factor + (1.0 - schedule.noise_factor) * left
        return LangevinSettings(
            config.langevin.num_steps,
            config.langevin.step_size * step_factor,
            config.langevin.noise_std * noise_factor,
            config.langevin.grad_clip,
        )

    return settings


# From 1 at the first update to 0 after the last.
_DECAYS = {
    "linear": lambda part: 1.0 - part,
    "cosine": lambda part: (1.0 + tf.cos(math.pi * part)) / 2.0,
}
