"""Chains batch after batch, each from its own seed: from noise or stored states."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.box import Box
from ebm_tf.sampling.config import LangevinConfig
from ebm_tf.sampling.langevin import langevin_steps
from ebm_tf.types import EnergyFn, Seed


def frame_steps(num_steps: int, num_frames: int) -> list[int]:
    """Returns `num_frames` numbers of steps, evenly from 0 to `num_steps`.

    Raises:
        ValueError: If `num_frames` is not 2 to `num_steps + 1`.
    """
    checks.require_count("num_frames", num_frames, low=2, high=num_steps + 1)
    return [round(step) for step in np.linspace(0, num_steps, num_frames)]


class ChainBatches:
    """Batches of chains, compiled once: from uniform noise, or from stored states.

    Batch i belongs to the seed `fold_in(seed, i)`: it does not depend on which
    batches were run before, in this process or another.

    Args:
        bind: Gives the energy at labels, or at None for an unconditional energy.
        config: The chains.
        box: The state space.
        shape: Shape of one batch of states, `(B, ...)`.
        seed: `int32[2]`.
        jit: Whether to compile with XLA.
    """

    def __init__(
        self,
        bind: Callable[[tf.Tensor | None], EnergyFn],
        config: LangevinConfig,
        box: Box,
        *,
        shape: tuple[int, ...],
        seed: Seed,
        jit: bool,
    ):
        self._bind, self._config, self._box = bind, config, box
        self._shape, self._seed = tuple(shape), seed
        options = {"autograph": False, "jit_compile": jit}
        self._advance = tf.function(self._run_steps, **options)
        self._energy = tf.function(lambda x, y: bind(y)(x), **options)

    def _run_steps(self, x, labels, seed, first, num_steps):
        energy_fn = self._bind(labels)
        return langevin_steps(
            energy_fn,
            x,
            seed,
            self._config,
            self._box,
            first=first,
            num_steps=num_steps,
        )

    def batch(
        self,
        index: int,
        labels: tf.Tensor | None,
        steps: Sequence[int],
        stored: np.ndarray | None = None,
    ) -> Iterator[tf.Tensor]:
        """Yields the states of a batch at the given numbers of steps.

        The states are those of `langevin_chain`, bit for bit, whatever `steps` are.

        Args:
            index: Number of the batch.
            labels: `int32 [B]` for a conditional energy, else None.
            steps: Numbers of Langevin steps, increasing, the first at least 0.
            stored: States to start from, as `box` stores them, in place of noise.

        Yields:
            float32 `shape` for each of `steps`.
        """
        batch_seed = rng.fold_in(self._seed, index)
        start_seed, chain_seed = rng.split(batch_seed, 2)
        if stored is None:
            x = self._box.uniform(start_seed, self._shape)
        else:
            x = self._box.decode(tf.constant(stored), start_seed)
        done = 0
        for step in steps:
            # Tensors, so that another number of steps is not another graph.
            first, num_steps = tf.constant(done), tf.constant(step - done)
            x, done = self._advance(x, labels, chain_seed, first, num_steps), step
            yield x

    def energy(self, x: tf.Tensor, labels: tf.Tensor | None) -> tf.Tensor:
        """Returns the energies of states `[B, ...]`: `[B]`, nats."""
        return self._energy(x, labels)
