"""Annealing in pieces: batches of chains, over all replicas, a stretch at a time.

So memory does not grow with the number of chains, a run can be interrupted between
stretches, and a progress bar moves.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.likelihood import annealing, merge, pilot
from ebm_tf.likelihood.annealing import AisResult, AisState
from ebm_tf.likelihood.space import Problem
from ebm_tf.training import distribution
from ebm_tf.types import Seed

# Temperatures of one compiled call: a second or so on a CPU.
_STRETCH = 25


class Annealer:
    """Runs chains between a base and a target along one frozen path.

    Args:
        problem: Base, target and kernels, in the coordinates of the chains.
        found: Temperatures and step sizes, frozen.
        strategy: Over whose replicas each batch is split.
        jit: Whether to compile with XLA.
        report: Called with the number of temperatures that a batch has passed,
            many times a run.
        resample: Whether forward chains are resampled, those of each batch and
            replica among themselves.

    Attributes:
        num_temperatures: K.
        betas: `[K + 1]`, from 0 to 1.
    """

    def __init__(
        self,
        problem: Problem,
        found: pilot.Pilot,
        strategy: tf.distribute.Strategy,
        *,
        jit: bool,
        report: Callable[[int], None],
        resample: bool = False,
    ):
        kernel_at = pilot.frozen_kernels(
            problem.kernel_of, found.step_sizes, found.scales
        )
        path = annealing.Path(
            problem.base, problem.target_fn, kernel_at, found.betas, resample
        )
        self.num_temperatures, self.betas = path.num_temperatures, found.betas
        self._problem, self._strategy, self._report = problem, strategy, report
        self._forward = self._on_replicas(path.forward, jit)
        self._reverse = self._on_replicas(path.reverse, jit)

    def _on_replicas(self, stretch, jit: bool):
        compiled = tf.function(stretch, autograph=False, jit_compile=jit)

        def on_replica(state, place, num, seed):
            own_seed = rng.fold_in(seed, distribution.replica_id())
            return compiled(state, place, num, own_seed)

        @tf.function(autograph=False)
        def on_all(state, place, num, seed):
            return self._strategy.run(on_replica, args=(state, place, num, seed))

        return on_all

    def forward(self, num_chains: int, seed: Seed) -> AisResult:
        """Runs new chains from the base to the target.

        Args:
            num_chains: Rounded up to a multiple of the replicas.
            seed: `int32[2]`.

        Returns:
            `AisResult` of arrays; `leave` takes its states to the box.
        """
        start_seed, seed = rng.split(seed, 2)
        replicas = self._strategy.num_replicas_in_sync
        num_chains = -(-num_chains // replicas) * replicas
        x = self._problem.base.sample(num_chains, start_seed).numpy()
        return self.advance(x, np.zeros(num_chains), seed)

    def advance(self, x: np.ndarray, log_weights: np.ndarray, seed: Seed) -> AisResult:
        """Takes chains that stand at the start of the path to the target.

        Args:
            x: Where they are, in the coordinates of the chains, N of them a multiple
                of the replicas.
            log_weights: Those they have, `[N]`, nats.
            seed: `int32[2]`.

        Returns:
            `AisResult` of arrays, as of `forward`.
        """
        stretches = [
            (first, min(_STRETCH, self.num_temperatures - first))
            for first in range(0, self.num_temperatures, _STRETCH)
        ]
        state = annealing.begin(tf.constant(x), log_weights)
        runs = self._walk(self._forward, state, stretches, seed)
        return merge.merge_chains([merge.join_segments(run, run[-1]) for run in runs])

    def leave(self, x: np.ndarray) -> np.ndarray:
        """Returns the states in the box of chains at `x`, `[N, ...]`."""
        return self._problem.leave(tf.constant(x)).numpy()

    def reverse(self, x: np.ndarray, seed: Seed) -> np.ndarray:
        """Runs a chain from each state in the box back to the base.

        Args:
            x: States in the box, float32 `[N, ...]`.
            seed: `int32[2]`.

        Returns:
            Log weights, float64 `[N]`, nats.
        """
        num, replicas = len(x), self._strategy.num_replicas_in_sync
        filled = x[np.arange(num + -num % replicas) % num]
        y = self._problem.enter(tf.constant(filled)).numpy()
        stretches = [
            (last, min(_STRETCH, last))
            for last in range(self.num_temperatures, 0, -_STRETCH)
        ]
        state = annealing.begin(tf.constant(y))
        runs = self._walk(self._reverse, state, stretches, seed)
        return np.concatenate([run[-1].log_weights for run in runs])[:num]

    def _walk(self, stretch, state, stretches, seed) -> list[list[AisResult]]:
        """Returns the results of each replica, stretch by stretch."""
        arrays = (np.asarray(entry) for entry in state)
        state = AisState(*(distribution.shard(self._strategy, a) for a in arrays))
        runs = [[] for _ in range(self._strategy.num_replicas_in_sync)]
        for place, num in stretches:
            result = stretch(state, tf.constant(place), num, seed)
            state = AisState(
                result.x, result.log_weights, result.ancestors, result.squared_cv
            )
            local = [self._strategy.experimental_local_results(r) for r in result]
            for run, entries in zip(runs, zip(*local, strict=True), strict=True):
                run.append(AisResult(*(entry.numpy() for entry in entries)))
            self._report(num)
        return runs
