"""Chains that keep the states they pass through, for film strips and diagnostics."""

import tensorflow as tf

from ebm_tf.box import Box
from ebm_tf.sampling import langevin
from ebm_tf.sampling.config import LangevinConfig
from ebm_tf.sampling.driver import run_chain
from ebm_tf.types import EnergyFn, Seed


def langevin_trace(
    energy_fn: EnergyFn,
    x: tf.Tensor,
    seed: Seed,
    config: LangevinConfig,
    box: Box | None,
    every: int,
) -> tf.Tensor:
    """Runs `langevin_chain` and keeps its start, every `every`-th state and its end.

    The chain is the same whatever is kept: the last state equals, bit for bit, what
    `langevin_chain` returns for the same arguments.

    Args:
        energy_fn: Differentiable energy, `[B, ...] -> [B]`, nats.
        x: Start states, float `[B, ...]`.
        seed: `int32[2]`; step k uses `fold_in(seed, k)`.
        config: Number and size of the steps.
        box: Bounds of the state space, or None for an open space.
        every: Steps between two kept states, 1 to `config.num_steps`.

    Returns:
        `[K + 1, B, ...]`, `K = ceil(num_steps / every)`: state `min(k * every,
        num_steps)` at index k. Cut from the tape.

    Raises:
        TypeError: If `every` is no whole number.
        ValueError: If it is out of range.
    """
    kernel = langevin.langevin_kernel(config, box)
    return run_chain(
        lambda k: kernel, energy_fn, x, seed, num_steps=config.num_steps, every=every
    ).states
