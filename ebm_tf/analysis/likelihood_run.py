"""The pieces of a log-likelihood: a scan, pilot runs, chains forward and back.

Each is computed batch by batch, and only once: what was computed before is taken from
where it was kept. What they add up to is in `likelihood.py`.
"""

import functools
from collections.abc import Callable, MutableMapping, Sequence

import numpy as np
import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.analysis.annealer import Annealer
from ebm_tf.box import Box
from ebm_tf.energy.build import bind_labels
from ebm_tf.energy.model import EnergyModel
from ebm_tf.likelihood import merge, pilot, space, temperature
from ebm_tf.likelihood.annealing import AisResult
from ebm_tf.likelihood.base import Base, Uniform
from ebm_tf.likelihood.config import LikelihoodConfig
from ebm_tf.sampling import hmc
from ebm_tf.types import EnergyFn, Seed

# What has been computed, by name: a dict, or something that keeps it on a disk.
Parts = MutableMapping[str, dict[str, np.ndarray]]

_ENERGY_BATCH = 250


def class_energies(model: EnergyModel) -> list[EnergyFn]:
    """Returns the energy at each class, or the energy alone of a model without.

    Raises:
        ValueError: If its labels are numbers, which cannot all be gone through.
    """
    if model.labels is None:
        return [bind_labels(model, None)]
    rule = "a model without labels, or of classes"
    checks.require(model.num_classes is not None, "model", rule, model.config)

    def at(label: int) -> EnergyFn:
        return lambda x: bind_labels(model, tf.fill(tf.shape(x)[:1], label))(x)

    return [at(label) for label in range(model.num_classes)]


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
        self._energy_fns, self._box, self._config = list(energy_fns), box, config
        self._seeds = rng.split(seed, 5)
        self._strategy, self._jit = strategy, jit
        self._parts, self._report = parts, report

    @property
    def total(self) -> int:
        """Temperatures that all batches of chains pass, pilot runs not counted."""
        config = self._config
        forward = len(self._sizes(config.num_chains))
        reverse = len(self._sizes(config.num_images * config.chains_per_image))
        *fewer, most = config.num_temperatures
        total = sum(fewer) * (forward + reverse) + most * (forward + 2 * reverse)
        if config.beta is None:
            scan = config.scan
            total += scan.num_temperatures * len(self._sizes(scan.num_chains))
        return total * len(self._energy_fns)

    def energies(self, x: np.ndarray) -> np.ndarray:
        """Returns `E(x, c)` at beta 1, float64 `[C, N]`, nats."""
        found = []
        for energy_fn in self._energy_fns:
            energy = tf.function(energy_fn, autograph=False, jit_compile=self._jit)
            batches = (
                energy(tf.constant(x[first : first + _ENERGY_BATCH])).numpy()
                for first in range(0, len(x), _ENERGY_BATCH)
            )
            found.append(np.concatenate(list(batches)).astype(np.float64))
        return np.stack(found)

    def scan(self, validation: np.ndarray) -> temperature.TemperatureScan:
        """Scans the inverse temperature on validation images, `[N, ...]`.

        The stops are where a pilot run of the first class finds equal drops of
        the effective sample size, the same for all classes.

        Raises:
            ValueError: If an energy is not finite, or no beta can be trusted.
        """
        scan = self._config.scan
        start = Uniform(self._box, validation.shape[1:])
        energies = self.energies(validation)
        results, betas = [], None
        for label in range(len(self._energy_fns)):
            name = f"scan-{label}"
            problem = self._pose(label, start, scan.beta_max)
            found = self._pilot(f"{name}-pilot", problem, betas)
            found = found.refine(scan.num_temperatures)
            betas = found.betas
            annealer = self._annealer(problem, found)
            seed = rng.fold_in(self._seeds[0], label)
            results.append(self._forward(name, annealer, scan.num_chains, seed))
        return temperature.scan_temperatures(
            results,
            betas,
            scan.beta_max,
            self._box.log_volume(int(np.prod(start.state_shape))),
            energies,
            scan.min_ess,
        )

    def annealers(self, base: Base, beta: float, num: int) -> list[Annealer]:
        """Returns the way from `base` to each class at `beta`, in `num` stops."""
        found = []
        for label in range(len(self._energy_fns)):
            problem = self._pose(label, base, beta)
            path = self._pilot(f"pilot-{label}", problem, None).refine(num)
            found.append(self._annealer(problem, path))
        return found

    def forward(self, annealers: Sequence[Annealer]) -> list[AisResult]:
        """Returns the run of all forward chains to each class."""
        return [
            self._forward(
                f"forward-{annealer.num_temperatures}-{label}",
                annealer,
                self._config.num_chains,
                rng.fold_in(self._seeds[1], label),
            )
            for label, annealer in enumerate(annealers)
        ]

    def reverse(
        self, annealers: Sequence[Annealer], split: str, x: np.ndarray
    ) -> np.ndarray:
        """Returns log weights of chains from images back to the base.

        Args:
            annealers: Of each class.
            split: Name of the images' split.
            x: The images, dequantized, `[N, ...]`.

        Returns:
            float64 `[C, chains_per_image, N]`, nats.
        """
        rows = np.tile(np.arange(len(x)), self._config.chains_per_image)
        found = []
        for label, annealer in enumerate(annealers):
            name = f"reverse-{split}-{annealer.num_temperatures}-{label}"
            seed = rng.fold_in(self._seeds[2], label)
            seed = rng.fold_in(seed, int(split == "train"))

            def run(batch, batch_seed, annealer=annealer):
                return {"log_weights": annealer.reverse(x[rows[batch]], batch_seed)}

            parts = self._batches(name, annealer, len(rows), seed, run)
            found.append(np.concatenate([part["log_weights"] for part in parts]))
        return np.reshape(found, [len(found), -1, len(x)])

    def _pose(self, label: int, base: Base, beta: float) -> space.Problem:
        energy_fn = self._energy_fns[label]

        def kernel_of(step_size):
            return functools.partial(
                hmc.hmc_step,
                step_size=step_size,
                num_leapfrog=self._config.num_leapfrog,
            )

        return space.pose(
            self._config.space,
            base,
            lambda x: beta * energy_fn(x),
            kernel_of,
            self._box,
        )

    def _pilot(self, name: str, problem: space.Problem, betas) -> pilot.Pilot:
        def find() -> dict[str, np.ndarray]:
            seed = self._seeds[3]
            given = problem.base, problem.target_fn, problem.kernel_of
            settings = self._config.pilot
            if betas is None:
                found = pilot.equal_ess_schedule(*given, settings, seed)
            else:
                found = pilot.adapt_step_sizes(*given, betas, settings, seed)
            return found._asdict()

        return pilot.Pilot(**self._part(name, 0, find))

    def _annealer(self, problem: space.Problem, found: pilot.Pilot) -> Annealer:
        steps = pilot.jitter(found.step_sizes, self._config.jitter)
        return Annealer(
            problem,
            found._replace(step_sizes=steps),
            self._strategy,
            jit=self._jit,
            report=self._report,
        )

    def _forward(self, name, annealer, num_chains, seed) -> AisResult:
        def run(batch, batch_seed):
            return annealer.forward(batch.stop - batch.start, batch_seed)._asdict()

        parts = self._batches(name, annealer, num_chains, seed, run)
        return merge.merge_chains([AisResult(**part) for part in parts])

    def _batches(self, name, annealer, num_chains, seed, run) -> list:
        """Returns what `run(slice of the chains, seed)` gives for every batch."""
        parts, first = [], 0
        for index, size in enumerate(self._sizes(num_chains)):
            batch, batch_seed = slice(first, first + size), rng.fold_in(seed, index)
            make = functools.partial(run, batch, batch_seed)
            num = annealer.num_temperatures
            parts.append(self._part(f"{name}-{index}", num, make))
            first += size
        return parts

    def _part(self, name: str, num: int, make) -> dict[str, np.ndarray]:
        if name in self._parts:
            self._report(num)
        else:
            self._parts[name] = make()
        return self._parts[name]

    def _sizes(self, num: int) -> list[int]:
        """Returns the sizes of the batches that `num` chains run in."""
        replicas = self._strategy.num_replicas_in_sync
        size = self._config.chains_per_batch * replicas
        return [min(size, num - first) for first in range(0, num, size)]
