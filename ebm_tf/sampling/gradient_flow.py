"""Chains that follow the gradient from noise to data, and then Langevin dynamics.

[1] Balcerak et al., Energy matching, NeurIPS 2025. https://arxiv.org/abs/2504.10612
"""

import math

import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import StateSpace
from ebm_tf.fold import fold
from ebm_tf.rows import per_row
from ebm_tf.sampling.config import FlowConfig
from ebm_tf.sampling.langevin import LangevinSettings, langevin_step
from ebm_tf.types import Kernel, KernelAt, Seed, Step


def noise_at_centre(space: StateSpace, std: float, seed: Seed, shape) -> tf.Tensor:
    """Returns where a flow begins: normal noise about the middle of the space.

    Args:
        space: A box, or an open space, whose middle is its mean.
        std: Of the noise, in units of the state.
        seed: `int32[2]`.
        shape: Of the states, `[B, ...]`.
    """
    middle = 0.5 * (space.low + space.high) if space.is_bounded else space.mean
    return tf.constant(middle, tf.float32) + std * rng.normal(seed, shape)


def temperature_at(config: FlowConfig, time: tf.Tensor) -> tf.Tensor:
    """Returns the temperature at a time: 0 up to `heated_from`, whole from 1 on [1].

    In between it rises in proportion.
    """
    hot = tf.cast(time >= 1.0, tf.float32)
    if config.heated_from < 1.0:
        share = (time - config.heated_from) / (1.0 - config.heated_from)
        hot = tf.clip_by_value(share, 0.0, 1.0)
    return config.temperature * hot


def flow_kernel_at(
    config: FlowConfig, space: StateSpace, begun: tf.Tensor | float = 0.0
) -> KernelAt:
    """Returns the steps of `dx = -dV/dx dt + sqrt(2 T(t)) dW`, by number.

    Noise is out of the box and a flow comes in from there; walls reflect from time 1
    on, when chains sample `exp(-V / T)` on the box.

    Args:
        config: Size of a step and temperature.
        space: The state space.
        begun: Time at which chains begin, a scalar or one of each row, `[B]`.
    """
    # A number of steps falls short of time 1 by rounding.
    begun = tf.convert_to_tensor(begun, tf.float32) + 1e-4 * config.time_step

    def kernel_of(k) -> Kernel:
        time = begun + config.time_step * tf.cast(k, tf.float32)

        def kernel(energy_fn, x, seed):
            rows = time if time.shape.rank == 0 else per_row(time, x)
            noise_std = tf.sqrt(2.0 * config.time_step * temperature_at(config, rows))
            settings = LangevinSettings(1, config.time_step, noise_std, None)
            moved = langevin_step(energy_fn, x, seed, settings, None)
            # The state at the end of the step.
            is_there = rows + config.time_step >= 1.0
            moved = tf.where(is_there, fold(moved, space), moved)
            return Step(moved, tf.ones(tf.shape(x)[:1], x.dtype))

        return kernel

    return kernel_of


def num_steps_to_data(time_step: float) -> int:
    """Returns how many steps of a flow end at time 1 or after."""
    return math.ceil(1.0 / time_step - 1e-6)
