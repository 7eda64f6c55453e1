"""Annealing in pieces: batches of chains, over all replicas, a stretch at a time.

So memory does not grow with the number of chains, a run can be interrupted between
stretches, and a progress bar moves.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.likelihood import annealing, merge, pilot, schedules
from ebm_tf.likelihood.annealing import AisResult, AisState
from ebm_tf.model_likelihood.graphs import Stretch, Way
from ebm_tf.training import distribution
from ebm_tf.types import Seed

# Temperatures of one compiled call, at most: a second or so on a CPU.
_STRETCH = 25


class Annealer:
    """Runs chains between a base and a target along one frozen path.

    Args:
        way: Base and target, and the graphs that lead from one to the other.
        found: Temperatures and step sizes, frozen.
        report: Called with the number of temperatures that a batch has passed,
            many times a run.
        resample: Whether forward chains are resampled, those of each batch and
            replica among themselves.

    Attributes:
        num_temperatures: K.
        betas: `[K + 1]`, from 0 to 1.

    Raises:
        ValueError: If the temperatures are no increasing schedule.
    """

    def __init__(
        self,
        way: Way,
        found: pilot.Pilot,
        *,
        report: Callable[[int], None],
        resample: bool = False,
    ):
        self.num_temperatures, self.betas = len(found.betas) - 1, found.betas
        self._levels = schedules.require_schedule(found.betas)
        self._steps = pilot.step_table(found.step_sizes, found.scales)
        self._way, self._problem, self._report = way, way.problem, report
        self._strategy = way.graphs.strategy
        self._up = way.graphs.resampled if resample else way.graphs.forward

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
        state = annealing.begin(tf.constant(x), log_weights)
        runs = self._walk(self._up, state, self._stretches(), seed)
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
        state = annealing.begin(tf.constant(y))
        down = self._stretches()[::-1]
        runs = self._walk(self._way.graphs.reverse, state, down, seed)
        return np.concatenate([run[-1].log_weights for run in runs])[:num]

    def _stretches(self) -> list[Stretch]:
        """Returns the path in pieces, as long as each other so that graphs fit all."""
        num = self.num_temperatures
        cuts = np.linspace(0, num, -(-num // _STRETCH) + 1).astype(int)
        return [
            Stretch(
                tf.constant(first, tf.int32),
                tf.constant(self._levels[first : last + 1]),
                tf.constant(self._steps[first : last + 1]),
            )
            for first, last in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)
        ]

    def _walk(self, graph, state, stretches, seed) -> list[list[AisResult]]:
        """Returns the results of each replica, stretch by stretch."""
        arrays = (np.asarray(entry) for entry in state)
        state = AisState(*(distribution.shard(self._strategy, a) for a in arrays))
        runs = [[] for _ in range(self._strategy.num_replicas_in_sync)]
        for stretch in stretches:
            result = graph(self._way.beta, stretch, state, seed)
            state = AisState(
                result.x, result.log_weights, result.ancestors, result.squared_cv
            )
            local = [self._strategy.experimental_local_results(r) for r in result]
            for run, entries in zip(runs, zip(*local, strict=True), strict=True):
                run.append(AisResult(*(entry.numpy() for entry in entries)))
            self._report(len(stretch.levels) - 1)
        return runs
