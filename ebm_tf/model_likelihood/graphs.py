"""Graphs of annealing that are traced once, whatever path chains take through them.

A graph takes seconds to trace, and longer to compile for a GPU. So temperatures, step
sizes, seeds and the inverse temperature of the target are its arguments: independent
runs, twice the temperatures and scans over beta share it.
"""

import functools
from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from ebm_tf import rng
from ebm_tf.likelihood import annealing, moves, pilot, schedules
from ebm_tf.likelihood.annealing import AisState
from ebm_tf.likelihood.base import Base
from ebm_tf.likelihood.moves import Moves
from ebm_tf.likelihood.space import Problem
from ebm_tf.training import distribution


class Stretch(NamedTuple):
    """Some temperatures of a path, one after the other.

    Attributes:
        first: Number of the first one, an int32 scalar.
        levels: From that one on, float64 `[n + 1]`.
        steps: Step sizes there, float32 `[n + 1, ...]`.
    """

    first: tf.Tensor
    levels: tf.Tensor
    steps: tf.Tensor


class Graphs:
    """What chains between one base and one family of targets run through.

    Args:
        pose: From an inverse temperature, a float32 scalar tensor, to the problem of
            annealing to the target there.
        strategy: Over whose replicas chains are split.
        jit: Whether to compile with XLA.

    Attributes:
        strategy: As given.
        forward: `(beta, stretch, state, seed)` to the `AisResult` of chains that go
            up the stretch, an `AisState` on each replica.
        resampled: The same of chains that are resampled, those of a replica among
            themselves.
        reverse: The same of chains that go down.
    """

    def __init__(
        self,
        pose: Callable[[tf.Tensor], Problem],
        strategy: tf.distribute.Strategy,
        *,
        jit: bool,
    ):
        self._pose, self.strategy, self._jit = pose, strategy, jit
        self.forward = self._on_replicas(functools.partial(_forward, resample=False))
        self.resampled = self._on_replicas(functools.partial(_forward, resample=True))
        self.reverse = self._on_replicas(_reverse)

        @tf.function(autograph=False)
        def move(target_beta, *args):
            return _moves(pose(target_beta)).move(*args)

        @tf.function(autograph=False)
        def energies(target_beta, x):
            return _moves(pose(target_beta)).energies(x)

        self._move, self._energies = move, energies

    def at(self, beta: float | tf.Tensor) -> "Way":
        """Returns the way to the target at the inverse temperature `beta`."""
        target_beta = tf.convert_to_tensor(beta, tf.float32)
        problem = self._pose(target_beta)
        pilot_moves = Moves(
            problem.base.sample,
            functools.partial(self._move, target_beta),
            functools.partial(self._energies, target_beta),
        )
        return Way(self, target_beta, problem, pilot_moves)

    def from_base(self, base: Base) -> "Graphs":
        """Returns the graphs of the same targets from another base."""

        def pose(beta):
            return self._pose(beta)._replace(base=base)

        return Graphs(pose, self.strategy, jit=self._jit)

    def _on_replicas(self, run):
        @functools.partial(tf.function, autograph=False, jit_compile=self._jit)
        def compiled(beta, stretch, state, seed):
            return run(self._pose(beta), stretch, state, seed)

        def on_replica(beta, stretch, state, seed):
            own_seed = rng.fold_in(seed, distribution.replica_id())
            return compiled(beta, stretch, state, own_seed)

        @tf.function(autograph=False)
        def on_all(*args):
            return self.strategy.run(on_replica, args=args)

        return on_all


class Way(NamedTuple):
    """From a base to a target at one inverse temperature.

    Attributes:
        graphs: That it shares with other inverse temperatures.
        beta: The inverse temperature, a float32 scalar.
        problem: Base and target, in the coordinates of the chains.
        moves: For pilot runs.
    """

    graphs: Graphs
    beta: tf.Tensor
    problem: Problem
    moves: Moves

    def from_base(self, base: Base) -> "Way":
        """Returns the way to the same target from another base."""
        return self.graphs.from_base(base).at(self.beta)


def alone(problem: Problem, strategy: tf.distribute.Strategy, *, jit: bool) -> Way:
    """Returns the way of a problem that knows no inverse temperature."""
    return Graphs(lambda _: problem, strategy, jit=jit).at(1.0)


def _moves(problem: Problem) -> Moves:
    return moves.moves(problem.base, problem.target_fn, problem.kernel_of)


def _path(problem: Problem, stretch: Stretch, resample: bool) -> annealing.Path:
    first, levels, steps = stretch
    return annealing.Path(
        problem.base,
        problem.target_fn,
        pilot.frozen_kernels(problem.kernel_of, steps, first=first),
        schedules.level_at(levels, first),
        resample,
    )


def _forward(problem, stretch: Stretch, state: AisState, seed, resample: bool):
    num = stretch.levels.shape[0] - 1
    return _path(problem, stretch, resample).forward(state, stretch.first, num, seed)


def _reverse(problem, stretch: Stretch, state: AisState, seed):
    num = stretch.levels.shape[0] - 1
    last = stretch.first + num
    return _path(problem, stretch, False).reverse(state, last, num, seed)
