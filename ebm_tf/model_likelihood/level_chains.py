"""Chains along the noise levels of an energy, both ways, class by class.

Log weights of forward chains give log Z of the energy, those of reverse ones the log
density of what its proposals draw; see `noise_path`.
"""

import functools
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from ebm_tf import checks, conditions, rng
from ebm_tf.energy.build import BoundEnergy, bind_condition
from ebm_tf.energy.model import EnergyModel
from ebm_tf.likelihood import annealing, merge
from ebm_tf.likelihood.annealing import AisResult, AisState
from ebm_tf.likelihood.level_config import LevelLikelihoodConfig
from ebm_tf.model_likelihood.batches import Batches, Parts
from ebm_tf.model_likelihood.noise_path import (
    NoisePath,
    even_levels,
    refined_levels,
    require_levels,
)
from ebm_tf.sampling import hmc
from ebm_tf.types import Seed

# Steps of one compiled call: some seconds on a CPU.
_STRETCH = 10
_BATCH = 250


def require_model(energy: EnergyModel) -> None:
    """Raises `ValueError` unless the density at the highest level is known."""
    knows = hasattr(energy, "log_prob_widest")
    rule = 'a network of noise levels that corrects a base, such as "unet"'
    checks.require(knows, "energy.kind", rule, energy.config.kind)


class LevelChains:
    """Runs the chains of a check, class by class, each part once.

    Args:
        energy: The network.
        config: How.
        seed: `int32[2]`.
        jit: Whether to compile with XLA.
        parts: What was computed before, and what will be.
        report: Called with numbers of levels passed.

    Raises:
        ValueError: If the network is of another kind, or its labels are numbers.
    """

    def __init__(
        self,
        energy: EnergyModel,
        config: LevelLikelihoodConfig,
        *,
        seed: Seed,
        jit: bool,
        parts: Parts,
        report: Callable[[int], None],
    ):
        require_model(energy)
        parts_of = conditions.parts_of(energy.condition_space)
        labels, self.levels = parts_of.get("labels"), parts_of["noise_level"]
        rule = "without labels, or of classes"
        holds = labels is None or isinstance(labels, conditions.Classes)
        checks.require(holds, "model", rule, str(labels))
        self.num_classes = 1 if labels is None else labels.num
        self.config, self._energy, self._jit = config, energy, jit
        self._seed, self._report = seed, report
        self._graphs: dict[int, _Graphs] = {}
        self._once = Batches(config.num_chains, parts, report).once

    @property
    def total(self) -> int:
        """Levels that all chains pass, the pilot's not counted."""
        config = self.config
        runs = config.num_replicates + config.num_reverse
        return self.num_classes * runs * sum(config.num_levels)

    def bound(self, label, num) -> BoundEnergy:
        """Returns the energy of a class, for `num` states, at the lowest level."""
        space = self._energy.condition_space
        condition = conditions.of_labels(space, tf.fill([num], label), num)
        return bind_condition(self._energy, condition)

    def energies(self, x: np.ndarray) -> np.ndarray:
        """Returns energies of images at the lowest level, float64 `[C, N]`, nats."""

        @tf.function(autograph=False, jit_compile=self._jit, reduce_retracing=True)
        def energy_of(x, label):
            return self.bound(label, tf.shape(x)[0])(x)

        found = np.empty((self.num_classes, len(x)))
        for label in range(self.num_classes):
            for first in range(0, len(x), _BATCH):
                rows = slice(first, first + _BATCH)
                energy = energy_of(tf.constant(x[rows]), tf.constant(label))
                found[label, rows] = energy.numpy()
        return found

    def path_levels(self, label: int, num: int) -> np.ndarray:
        """Returns the levels of a path of `num` steps, by the pilot of the class."""
        config = self.config
        coarse = even_levels(self.levels.high, self.levels.low, config.pilot_levels)

        def pilot():
            run = self._path(label, coarse, config.pilot_chains)
            seed = self._seed_of("pilot", label)
            state = run.begin(seed)
            spread = np.empty(config.pilot_levels)
            for k in range(config.pilot_levels):
                fresh = tf.zeros_like(state.log_weights)
                state = state._replace(log_weights=fresh)
                told = run.forward(state, k, 1, seed)
                state = _state_of(told)
                share = config.pilot_chains / float(told.ess[0])
                spread[k] = np.sqrt(np.log(share))
                self._report(0)
            return {"spread": spread}

        spread = self._once(f"pilot-{label}", 0, pilot)["spread"]
        return refined_levels(coarse, spread, num)

    def forward(self, label: int, num: int, replicate: int) -> AisResult:
        """Returns a run of forward chains over `num` levels, arrays."""

        def run():
            levels = self.path_levels(label, num)
            path = self._path(label, levels, self.config.num_chains)
            seed = self._seed_of("forward", label, num, replicate)
            begin_seed, seed = rng.split(seed, 2)
            found, state = [], path.begin(begin_seed)
            for first in range(0, num, _STRETCH):
                piece = min(_STRETCH, num - first)
                found.append(path.forward(state, first, piece, seed))
                state = _state_of(found[-1])
                self._report(piece)
            return _joined(found)._asdict()

        name = f"forward-{num}-{replicate}-{label}"
        return AisResult(**self._once(name, num, run))

    def reverse(self, label: int, num: int, replicate: int, x: np.ndarray):
        """Returns log weights of a chain back from each image, float64 `[N]`."""

        def run():
            path = self._path(label, self.path_levels(label, num), len(x))
            seed = self._seed_of("reverse", label, num, replicate)
            found, state = [], annealing.begin(tf.constant(x))
            for last in range(num, 0, -_STRETCH):
                piece = min(_STRETCH, last)
                found.append(path.reverse(state, last, piece, seed))
                state = _state_of(found[-1])
                self._report(piece)
            return {"log_weights": state.log_weights.numpy()}

        name = f"reverse-{num}-{replicate}-{label}"
        return self._once(name, num, run)["log_weights"]

    def _seed_of(self, *names) -> Seed:
        seed = self._seed
        for name in names:
            number = name if isinstance(name, int) else sum(name.encode())
            seed = rng.fold_in(seed, number)
        return seed

    def _path(self, label: int, levels: np.ndarray, num: int) -> "_Path":
        """Returns the way of `num` chains of a class over some levels."""
        require_levels(levels, self.levels)
        if num not in self._graphs:
            self._graphs[num] = _Graphs(self._noise_path, num, self._jit)
        return _Path(self._graphs[num], label, levels)

    def _noise_path(self, label: tf.Tensor, levels: tf.Tensor, num: int) -> NoisePath:
        config, kernel_of = self.config, None
        if config.corrections:
            kernel_of = _corrections(config.corrections, config.correction_size)
        energy = self.bound(label, num)
        return NoisePath(energy, levels, resample=config.resample, kernel_of=kernel_of)


class _Graphs:
    """The parts of a path, traced once for `num` chains of any class over any levels.

    Args:
        path_of: `(label, levels, num) -> NoisePath`.
        num: Chains.
        jit: Whether to compile with XLA.
    """

    def __init__(self, path_of: Callable[..., NoisePath], num: int, jit: bool):
        # One trace for paths of any length.
        graph = functools.partial(
            tf.function, autograph=False, jit_compile=jit, reduce_retracing=True
        )

        @graph
        def begin(label, levels, seed):
            return path_of(label, levels, num).begin(num, seed)

        @graph
        def forward(label, levels, state, first, piece, seed):
            return path_of(label, levels, num).forward(state, first, piece, seed)

        @graph
        def reverse(label, levels, state, last, piece, seed):
            return path_of(label, levels, num).reverse(state, last, piece, seed)

        self.begin, self.forward, self.reverse = begin, forward, reverse


class _Path:
    """Graphs with a class and levels: the way of some chains, see `NoisePath`."""

    def __init__(self, graphs: _Graphs, label: int, levels: np.ndarray):
        self._graphs = graphs
        self._given = tf.constant(label), tf.constant(levels, tf.float32)

    def begin(self, seed: Seed) -> AisState:
        """Returns chains at the highest level."""
        return self._graphs.begin(*self._given, seed)

    def forward(self, state: AisState, first: int, num: int, seed: Seed) -> AisResult:
        """Takes chains `num` levels down from number `first`."""
        place = tf.constant(first), tf.constant(num)
        return self._graphs.forward(*self._given, state, *place, seed)

    def reverse(self, state: AisState, last: int, num: int, seed: Seed) -> AisResult:
        """Takes chains `num` levels up from number `last`."""
        place = tf.constant(last), tf.constant(num)
        return self._graphs.reverse(*self._given, state, *place, seed)


def _corrections(num: int, size: float):
    """Returns Metropolis-adjusted Langevin steps of `size` times the level."""

    def kernel_of(sigma):
        def kernel(energy_fn, x, seed):
            accept_prob = tf.zeros(tf.shape(x)[:1])
            for number in range(num):
                step_size = tf.square(size * sigma)
                own_seed = rng.fold_in(seed, number)
                step = hmc.mala_step(energy_fn, x, own_seed, step_size=step_size)
                x, accept_prob = step.x, accept_prob + step.accept_prob / num
            return step._replace(accept_prob=accept_prob)

        return kernel

    return kernel_of


def _state_of(found: AisResult) -> AisState:
    return AisState(found.x, found.log_weights, found.ancestors, found.squared_cv)


def _joined(found: list[AisResult]) -> AisResult:
    arrays = [AisResult(*(np.asarray(entry) for entry in one)) for one in found]
    return merge.join_segments(arrays, arrays[-1])
