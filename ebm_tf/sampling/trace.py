"""Chains that keep the states they pass through, for film strips and diagnostics."""

import tensorflow as tf

from ebm_tf import checks
from ebm_tf.box import Box
from ebm_tf.sampling import langevin
from ebm_tf.sampling.config import LangevinConfig
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
    checks.require_count("every", every, high=config.num_steps)
    x = tf.stop_gradient(x)
    num_pieces = -(-config.num_steps // every)

    def run_piece(k, x, states):
        first = k * every
        num_steps = tf.minimum(every, config.num_steps - first)
        x = langevin.langevin_steps(
            energy_fn, x, seed, config, box, first=first, num_steps=num_steps
        )
        return k + 1, x, states.write(k + 1, x)

    states = tf.TensorArray(x.dtype, size=num_pieces + 1, element_shape=x.shape)
    _, _, states = tf.while_loop(
        lambda k, *_: k < num_pieces,
        run_piece,
        (tf.constant(0), x, states.write(0, x)),
        parallel_iterations=1,
    )
    return states.stack()
