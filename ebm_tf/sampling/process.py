"""Sampling through a replay buffer at test time, as the paper draws its images.

[1] Du and Mordatch, 2019, appendix A.2: at test time too chains live in a replay
    buffer, with more noise than in training, and labels are flipped early on.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ebm_tf import conditions, rng
from ebm_tf.box import Box
from ebm_tf.conditions import Condition, ConditionSpace
from ebm_tf.sampling.chain_batches import TargetAt, start_states
from ebm_tf.sampling.config import ProcessConfig
from ebm_tf.sampling.driver import run_chain
from ebm_tf.types import Seed


class Population(NamedTuple):
    """What the buffer holds.

    Attributes:
        x: States, float32 `[capacity, ...]`.
        condition: Of each, a structure of `[capacity, ...]`; None without.
    """

    x: tf.Tensor
    condition: Condition


class ReplayProcess:
    """Buffers of chains, one after another, each from its own seed.

    A round draws `num_chains` slots of the buffer, each at most once, starts some
    of them anew from noise, draws the condition of some anew, moves them, and writes
    them back. In the last rounds nothing is drawn anew, so that every image has had
    time. Chains do not all take as many steps: on average
    `num_rounds * steps_per_round * num_chains / capacity`, less what a new start
    threw away.

    Args:
        target_at: The energy and the sampler, at a condition; with the noise that the
            process is to have, see `ProcessConfig.noise_factor`.
        config: The process.
        box: The state space.
        shape: Shape of one state, without the batch.
        num_chains: Chains that a round moves, at most `config.capacity`.
        condition_space: What the energy depends on besides states, or None.
        seed: `int32[2]`; buffer i has `fold_in(seed, i)`.
        jit: Whether to compile with XLA.
    """

    def __init__(
        self,
        target_at: TargetAt,
        config: ProcessConfig,
        box: Box,
        *,
        shape: tuple[int, ...],
        num_chains: int,
        condition_space: ConditionSpace | None,
        seed: Seed,
        jit: bool,
    ):
        self._target_at, self._config, self._box = target_at, config, box
        self._shape, self._num_chains = tuple(shape), num_chains
        self._space, self._seed = condition_space, seed
        self._round = tf.function(self._run_round, autograph=False, jit_compile=jit)

    def buffer(
        self,
        index: int,
        condition: Condition,
        stored: np.ndarray | None = None,
    ) -> Iterator[Population]:
        """Yields the content of buffer `index` after each round.

        Args:
            index: Number of the buffer.
            condition: Of all slots at first; None for an unconditional energy.
            stored: States to start from, as `box` stores them, in place of noise.
        """
        start_seed, rounds_seed = rng.split(rng.fold_in(self._seed, index), 2)
        shape = (self._config.capacity, *self._shape)
        held = Population(start_states(self._box, shape, stored, start_seed), condition)
        for number in range(self._config.num_rounds):
            seed = rng.fold_in(rounds_seed, number)
            held = self._round(held, tf.constant(number), seed)
            yield held

    def _run_round(self, held: Population, number, seed) -> Population:
        config = self._config
        seeds = rng.split(seed, 6)
        slots = rng.subset(seeds[0], config.capacity, self._num_chains)
        x = tf.gather(held.x, slots)
        mixing = number < config.num_rounds - config.num_final_rounds
        anew = mixing & self._chosen(seeds[1], config.fresh_prob)
        rows = tf.reshape(anew, [self._num_chains] + [1] * len(self._shape))
        x = tf.where(rows, self._box.noise(seeds[2], x.shape), x)
        early = number < config.num_flip_rounds
        flip = mixing & early & self._chosen(seeds[3], config.flip_prob)
        drawn = conditions.random(self._space, seeds[4], self._num_chains)
        kept = conditions.gather(held.condition, slots)
        condition = conditions.where(flip, drawn, kept)
        target = self._target_at(condition)
        x = run_chain(
            target.kernel_at,
            target.energy_fn,
            x,
            seeds[5],
            first=0,
            num_steps=config.steps_per_round,
        ).x

        def written(all_rows, rows):
            return tf.tensor_scatter_nd_update(all_rows, slots[:, None], rows)

        held_conditions = conditions.each(written, held.condition, condition)
        return Population(written(held.x, x), held_conditions)

    def _chosen(self, seed: Seed, prob: float) -> tf.Tensor:
        return rng.uniform(seed, [self._num_chains]) < prob
