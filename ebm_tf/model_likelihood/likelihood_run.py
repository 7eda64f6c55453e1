"""The pieces of a log-likelihood: pilot runs, chains forward and back.

Each is computed batch by batch, and only once: what was computed before is taken from
where it was kept. What they add up to is in `likelihood.py`, the search for an inverse
temperature in `scans.py`.
"""

import functools
import zlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.box import Box
from ebm_tf.conditions import Classes, of_labels, parts_of
from ebm_tf.energy.build import bind_condition
from ebm_tf.energy.model import EnergyModel
from ebm_tf.likelihood import merge, pilot, space
from ebm_tf.likelihood.annealing import AisResult
from ebm_tf.likelihood.base import Base
from ebm_tf.likelihood.config import LikelihoodConfig
from ebm_tf.likelihood.gaussianized import Gaussianized
from ebm_tf.model_likelihood.annealer import Annealer
from ebm_tf.model_likelihood.batches import Batches, Parts
from ebm_tf.model_likelihood.graphs import Graphs, Way
from ebm_tf.sampling import hmc
from ebm_tf.types import EnergyFn, Seed

_ENERGY_BATCH = 250


def class_energies(model: EnergyModel) -> list[EnergyFn]:
    """Returns the energy at each class, or the energy alone of a model without.

    Where energies depend on a noise level, it is the lowest.

    Raises:
        ValueError: If its labels are numbers, which cannot all be gone through.
    """
    space = model.condition_space
    if space is None:
        return [model]
    labels = parts_of(space).get("labels")
    rule = "a model without labels, or of classes"
    holds = labels is None or isinstance(labels, Classes)
    checks.require(holds, "model", rule, model.config)

    def at(label: int) -> EnergyFn:
        def energy_fn(x):
            num = tf.shape(x)[0]
            condition = of_labels(space, tf.fill([num], label), num)
            return bind_condition(model, condition)(x)

        return energy_fn

    return [at(label) for label in range(1 if labels is None else labels.num)]


class Row(NamedTuple):
    """What is measured for one row of the table.

    Attributes:
        num_temperatures: K.
        num_leapfrog: Leapfrog steps of a transition.
        base: "base", or "second".
        counts: Whether it is the row to quote; the others check it.
    """

    num_temperatures: int
    num_leapfrog: int
    base: str
    counts: bool

    @property
    def name(self) -> str:
        """Its parts' name."""
        return f"{self.num_temperatures}-{self.num_leapfrog}-{self.base}"


def rows(config: LikelihoodConfig) -> list[Row]:
    """Returns what is measured: all but the one that counts are there to check it."""
    *fewer, most = config.num_temperatures
    steps = config.num_leapfrog
    found = [Row(num, steps, "base", False) for num in fewer]
    found.append(Row(most, steps, "base", True))
    if config.doubling:
        found.append(Row(2 * most, steps, "base", False))
        found.append(Row(most, 2 * steps, "base", False))
    if config.second_base is not None:
        found.append(Row(most, steps, "second", False))
    return found


class LikelihoodRun:
    """Estimates the log-likelihood of one energy.

    Every part is computed once: what `parts` holds already is taken from there.

    Args:
        energy_fns: Of each class, or one; `[B, ...] -> [B]`, nats at beta 1.
        box: The state space.
        config: How.
        seed: `int32[2]`.
        strategy: Over whose replicas chains are split.
        jit: Whether to compile with XLA.
        parts: What was computed before, and what will be.
        report: Called with numbers of temperatures passed, `total` in all.

    Attributes:
        config: How.
        box: The state space.
        num_classes: C.
    """

    def __init__(
        self,
        energy_fns: Sequence[EnergyFn],
        box: Box,
        config: LikelihoodConfig,
        *,
        seed: Seed,
        strategy: tf.distribute.Strategy,
        jit: bool,
        parts: Parts,
        report: Callable[[int], None],
    ):
        self._energy_fns, self.box, self.config = list(energy_fns), box, config
        self.num_classes = len(self._energy_fns)
        self._seed = seed
        self._strategy, self._jit = strategy, jit
        self._energies = [
            tf.function(energy_fn, autograph=False, jit_compile=jit)
            for energy_fn in self._energy_fns
        ]
        self._graphs = {}
        size = config.chains_per_batch * strategy.num_replicas_in_sync
        self._batches, self._report = Batches(size, parts, report), report

    @property
    def total(self) -> int:
        """Temperatures that all batches of chains pass, pilot runs not counted."""
        config = self.config
        forward = self._num_batches(config.num_chains)
        reverse = self._num_batches(config.num_images * config.chains_per_image)
        total = sum(
            row.num_temperatures * (forward + (2 if row.counts else 1) * reverse)
            for row in rows(config)
        )
        total *= config.num_replicates
        if config.beta is None:
            total += config.scan.num_temperatures * self._num_scan_batches()
        return total * self.num_classes

    def _num_scan_batches(self) -> int:
        scan = self.config.scan
        batches = self._num_batches(scan.num_chains)
        if scan.by == "raise":
            return batches + scan.num_betas * self._num_batches(scan.num_images)
        # The second scan goes two ways: to where it begins, and on.
        return batches * (1 if scan.span is None else 3)

    def _num_batches(self, num_chains: int) -> int:
        return len(self._batches.sizes(num_chains))

    def energies(self, x: np.ndarray) -> np.ndarray:
        """Returns `E(x, c)` at beta 1, float64 `[C, N]`, nats."""
        found = []
        for energy in self._energies:
            batches = (
                energy(tf.constant(x[first : first + _ENERGY_BATCH])).numpy()
                for first in range(0, len(x), _ENERGY_BATCH)
            )
            found.append(np.concatenate(list(batches)).astype(np.float64))
        return np.stack(found)

    def own_base(self) -> Base:
        """Returns the base that the energy has of its own.

        Raises:
            ValueError: If it has none: it is no residual energy.
        """
        own = getattr(self._energy_fns[0], "base", None)
        rule = 'of a residual energy, for the base "model"'
        checks.require(isinstance(own, Gaussianized), "model", rule, self.config.base)
        return own

    def annealers(
        self, base: Base, beta: float, row: Row, replicate: int
    ) -> list[Annealer]:
        """Returns the way from `base` to each class at `beta`, by a pilot of its own.

        Args:
            base: The base that `row` names.
            beta: Inverse temperature.
            row: What is measured.
            replicate: Which of the independent runs.
        """
        found = []
        for label in range(self.num_classes):
            way = self.way(label, base, beta, row.num_leapfrog)
            name = f"pilot-{row.base}-{row.num_leapfrog}-{replicate}-{label}"
            path = self.path(name, way).refine(row.num_temperatures)
            found.append(self.annealer(way, path, resample=self.config.resample))
        return found

    def forward(
        self, annealers: Sequence[Annealer], row: Row, replicate: int
    ) -> list[AisResult]:
        """Returns the run of all forward chains to each class."""
        found = []
        for label, annealer in enumerate(annealers):
            name = f"forward-{row.name}-{replicate}-{label}"
            found.append(self.run_forward(name, annealer, self.config.num_chains))
        return found

    def reverse(
        self,
        annealers: Sequence[Annealer],
        row: Row,
        replicate: int,
        split: str,
        x: np.ndarray,
    ) -> np.ndarray:
        """Returns log weights of chains from images back to the base.

        Args:
            annealers: Of each class.
            row: What is measured.
            replicate: Which of the independent runs.
            split: Name of the images' split.
            x: The images, dequantized, `[N, ...]`.

        Returns:
            float64 `[C, chains_per_image, N]`, nats.
        """
        num = self.config.chains_per_image
        return np.stack(
            [
                self.run_reverse(
                    f"reverse-{split}-{row.name}-{replicate}-{label}", annealer, x, num
                )
                for label, annealer in enumerate(annealers)
            ]
        )

    def seed_of(self, name: str) -> Seed:
        """Returns the seed of a part: another for another name."""
        return rng.fold_in(self._seed, zlib.crc32(name.encode()) & 0x7FFFFFFF)

    def way(
        self, label: int, base: Base, beta: float, num_leapfrog: int | None = None
    ) -> Way:
        """Returns the way from `base` to a class at `beta`.

        Ways from one base to one class share their graphs, whatever their beta is.
        """
        num_leapfrog = num_leapfrog or self.config.num_leapfrog
        # At 1 it is the energy itself, which may know coordinates of its own.
        key = label, base, num_leapfrog, beta == 1.0
        if key not in self._graphs:
            pose = functools.partial(self._pose, *key)
            self._graphs[key] = Graphs(pose, self._strategy, jit=self._jit)
        return self._graphs[key].at(beta)

    def _pose(self, label, base, num_leapfrog, unscaled, beta) -> space.Problem:
        energy_fn = self._energy_fns[label]

        def kernel_of(step_size):
            return functools.partial(
                hmc.hmc_step, step_size=step_size, num_leapfrog=num_leapfrog
            )

        def scaled_fn(x):
            return beta * energy_fn(x)

        target_fn = energy_fn if unscaled else scaled_fn
        return space.pose(self.config.space, base, target_fn, kernel_of, self.box)

    def path(self, name: str, way: Way, betas=None) -> pilot.Pilot:
        """Returns temperatures and step sizes that a pilot run has found.

        Args:
            name: Of the part.
            way: Where chains are to go.
            betas: Temperatures, where only step sizes are looked for.
        """

        def find() -> dict[str, np.ndarray]:
            given = self.config.pilot, self.seed_of(name)
            if betas is None:
                found = pilot.equal_ess_schedule(way.moves, *given)
            else:
                found = pilot.adapt_step_sizes(way.moves, betas, *given)
            parts = found._asdict().items()
            return {key: value for key, value in parts if value is not None}

        return pilot.Pilot(**self._batches.once(name, 0, find))

    def annealer(
        self, way: Way, found: pilot.Pilot, resample: bool = False
    ) -> Annealer:
        """Returns what runs chains along a path, frozen, its steps jittered."""
        steps = pilot.jitter(found.step_sizes, self.config.jitter)
        path = found._replace(step_sizes=steps)
        return Annealer(way, path, report=self._report, resample=resample)

    def run_forward(self, name: str, annealer: Annealer, num_chains: int) -> AisResult:
        """Returns the run of new chains from the base to the target."""

        def run(batch, batch_seed):
            return annealer.forward(batch.stop - batch.start, batch_seed)._asdict()

        return self._merged(name, annealer, num_chains, run)

    def run_on(self, name: str, annealer: Annealer, arrived: AisResult) -> AisResult:
        """Returns the run of chains that go on with the weights they have."""

        def run(batch, batch_seed):
            states, log_weights = arrived.x[batch], arrived.log_weights[batch]
            return annealer.advance(states, log_weights, batch_seed)._asdict()

        return self._merged(name, annealer, len(arrived.x), run)

    def run_reverse(
        self, name: str, annealer: Annealer, x: np.ndarray, chains_per_image: int
    ) -> np.ndarray:
        """Returns log weights of chains from states in the box, `[M, N]`, nats."""
        chosen = np.tile(np.arange(len(x)), chains_per_image)

        def run(batch, batch_seed):
            return {"log_weights": annealer.reverse(x[chosen[batch]], batch_seed)}

        num, seed = annealer.num_temperatures, self.seed_of(name)
        parts = self._batches.each(name, num, len(chosen), seed, run)
        found = np.concatenate([part["log_weights"] for part in parts])
        return found.reshape(chains_per_image, len(x))

    def _merged(self, name, annealer, num_chains, run) -> AisResult:
        num, seed = annealer.num_temperatures, self.seed_of(name)
        parts = self._batches.each(name, num, num_chains, seed, run)
        return merge.merge_chains([AisResult(**part) for part in parts])
