"""Langevin chains as the paper runs them.

[1] Du and Mordatch, Implicit generation and modeling with energy-based models,
    NeurIPS 2019, Algorithm 1 and appendices A.8 and A.11. https://arxiv.org/abs/1903.08689
"""

from typing import NamedTuple

import tensorflow as tf

from ebm_tf import rng, state_checks
from ebm_tf.box import Box
from ebm_tf.sampling.config import LangevinConfig
from ebm_tf.sampling.driver import run_chain, run_chain_through
from ebm_tf.types import EnergyFn, Kernel, Seed, Step


class LangevinSettings(NamedTuple):
    """A `LangevinConfig` of tensors, which may change from call to call.

    Scalars; `step_size` may also be one for each row, `[B, 1, ...]`.
    """

    num_steps: int
    step_size: float | tf.Tensor
    noise_std: float | tf.Tensor
    grad_clip: float | None


def energy_gradient(energy_fn: EnergyFn, x: tf.Tensor) -> tf.Tensor:
    """Returns dE/dx at each row of `x`, same shape, nats per unit of `x`."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        energy = tf.reduce_sum(state_checks.checked(energy_fn)(x))
    return tape.gradient(energy, x)


def langevin_step(
    energy_fn: EnergyFn,
    x: tf.Tensor,
    seed: Seed,
    config: LangevinConfig | LangevinSettings,
    box: Box | None,
) -> tf.Tensor:
    """One step in the paper's order: noise, gradient there, clip, move, clamp.

        y = x + noise_std * n                       n ~ N(0, I)
        g = clip(dE/dx(y), -grad_clip, grad_clip)   each coordinate
        x' = clip(y - step_size * g, low, high)

    There is no accept step: the stationary density is close to `exp(-E / T)`,
    `T = config.temperature`, only for small steps and an unclipped gradient.

    Args:
        energy_fn: Differentiable energy, `[B, ...] -> [B]`, nats.
        x: States, float `[B, ...]`.
        seed: `int32[2]`.
        config: Step size, noise and gradient clip.
        box: Bounds of the state space, or None for an open space.

    Returns:
        New states, shaped like `x`.
    """
    y = x + config.noise_std * rng.normal(seed, tf.shape(x), x.dtype)
    gradient = energy_gradient(energy_fn, y)
    if config.grad_clip is not None:
        gradient = tf.clip_by_value(gradient, -config.grad_clip, config.grad_clip)
    x = y - config.step_size * gradient
    return x if box is None else box.clip(x)


def langevin_kernel(
    config: LangevinConfig | LangevinSettings, box: Box | None
) -> Kernel:
    """Returns `langevin_step` as a kernel, which rejects nothing."""

    def kernel(energy_fn: EnergyFn, x: tf.Tensor, seed: Seed) -> Step:
        x = langevin_step(energy_fn, x, seed, config, box)
        return Step(x, tf.ones(tf.shape(x)[:1], x.dtype))

    return kernel


def langevin_chain(
    energy_fn: EnergyFn,
    x: tf.Tensor,
    seed: Seed,
    config: LangevinConfig,
    box: Box | None,
) -> tf.Tensor:
    """Moves each row of `x` by `config.num_steps` steps.

    Args:
        energy_fn: Differentiable energy, `[B, ...] -> [B]`, nats.
        x: Start states, float `[B, ...]`.
        seed: `int32[2]`; step k uses `fold_in(seed, k)`.
        config: Number and size of the steps.
        box: Bounds of the state space, or None for an open space.

    Returns:
        End states, shaped like `x`, cut from the tape: no gradient reaches `x` or
        the variables that `energy_fn` reads.
    """
    return langevin_steps(
        energy_fn, x, seed, config, box, first=0, num_steps=config.num_steps
    )


def langevin_steps(
    energy_fn: EnergyFn,
    x: tf.Tensor,
    seed: Seed,
    config: LangevinConfig | LangevinSettings,
    box: Box | None,
    *,
    first: int | tf.Tensor,
    num_steps: int | tf.Tensor,
) -> tf.Tensor:
    """Like `langevin_chain`, for steps `first` to `first + num_steps - 1` of a chain.

    Pieces of a chain, run one after another with one seed, are the whole chain.
    """
    kernel = langevin_kernel(config, box)
    return run_chain(
        lambda k: kernel, energy_fn, x, seed, first=first, num_steps=num_steps
    ).x


def langevin_steps_through(
    energy_fn: EnergyFn,
    x: tf.Tensor,
    seed: Seed,
    config: LangevinConfig | LangevinSettings,
    box: Box | None,
    *,
    first: int,
    num_steps: int,
) -> tf.Tensor:
    """Like `langevin_steps`, with the same numbers, on the tape (paper, A.8).

    The states are differentiable in `x` and in the variables that `energy_fn` reads:
    the derivative of a step is a second one of the energy. Memory grows with the
    number of steps.
    """
    kernel = langevin_kernel(config, box)
    return run_chain_through(
        lambda k: kernel, energy_fn, x, seed, first=first, num_steps=num_steps
    )
