"""Chains batch after batch, each from its own seed: from noise or stored states."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.box import Box
from ebm_tf.conditions import Condition
from ebm_tf.sampling.driver import run_chain
from ebm_tf.types import EnergyFn, KernelAt, Seed, Step


class Target(NamedTuple):
    """What chains run on.

    Attributes:
        energy_fn: `[B, ...] -> [B]`, nats.
        kernel_at: The sampler.
    """

    energy_fn: EnergyFn
    kernel_at: KernelAt


# The target at a condition of B rows, or at None for an unconditional energy.
TargetAt = Callable[[Condition], Target]


def frame_steps(num_steps: int, num_frames: int) -> list[int]:
    """Returns `num_frames` numbers of steps, evenly from 0 to `num_steps`.

    Raises:
        ValueError: If `num_frames` is not 2 to `num_steps + 1`.
    """
    checks.require_count("num_frames", num_frames, low=2, high=num_steps + 1)
    return [round(step) for step in np.linspace(0, num_steps, num_frames)]


def start_states(
    box: Box, shape: tuple[int, ...], stored: np.ndarray | None, seed: Seed
) -> tf.Tensor:
    """Returns float32 states of `shape`: noise, or the stored ones decoded.

    Args:
        box: The state space.
        shape: `(B, ...)`.
        stored: States as `box` stores them, or None for noise.
        seed: `int32[2]`.
    """
    if stored is None:
        return box.noise(seed, shape)
    return box.decode(tf.constant(stored), seed)


class ChainBatches:
    """Batches of chains, compiled once: from uniform noise, or from stored states.

    Batch i belongs to the seed `fold_in(seed, i)`: it does not depend on which
    batches were run before, in this process or another.

    Args:
        target_at: The energy and the sampler, at a condition.
        box: The state space.
        shape: Shape of one batch of states, `(B, ...)`.
        seed: `int32[2]`.
        jit: Whether to compile with XLA.
    """

    def __init__(
        self,
        target_at: TargetAt,
        box: Box,
        *,
        shape: tuple[int, ...],
        seed: Seed,
        jit: bool,
    ):
        self._target_at, self._box = target_at, box
        self._shape, self._seed = tuple(shape), seed
        options = {"autograph": False, "jit_compile": jit}
        self._advance = tf.function(self._run_steps, **options)
        self._energy = tf.function(lambda x, c: target_at(c).energy_fn(x), **options)

    def _run_steps(self, x, condition, seed, first, num_steps):
        target = self._target_at(condition)
        return run_chain(
            target.kernel_at,
            target.energy_fn,
            x,
            seed,
            first=first,
            num_steps=num_steps,
        )

    def batch(
        self,
        index: int,
        condition: Condition,
        steps: Sequence[int],
        stored: np.ndarray | None = None,
    ) -> Iterator[Step]:
        """Yields the states of a batch at the given numbers of steps.

        The states are those of one `run_chain`, bit for bit, whatever `steps` are.

        Args:
            index: Number of the batch.
            condition: Of a conditional energy, of B rows; else None.
            steps: Numbers of steps, increasing, the first at least 0.
            stored: States to start from, as `box` stores them, in place of noise.

        Yields:
            For each of `steps` the states, float32 `shape`, and the mean acceptance
            probability so far, `[B]`, 0 before the first step.
        """
        batch_seed = rng.fold_in(self._seed, index)
        start_seed, chain_seed = rng.split(batch_seed, 2)
        x = start_states(self._box, self._shape, stored, start_seed)
        done, total = 0, 0.0
        for step in steps:
            # Tensors, so that another number of steps is not another graph.
            first, num_steps = tf.constant(done), tf.constant(step - done)
            piece = self._advance(x, condition, chain_seed, first, num_steps)
            total += piece.accept_prob * (step - done)
            x, done = piece.x, step
            yield Step(x, total / max(step, 1))

    def energy(self, x: tf.Tensor, condition: Condition) -> tf.Tensor:
        """Returns the energies of states `[B, ...]`: `[B]`, nats."""
        return self._energy(x, condition)
