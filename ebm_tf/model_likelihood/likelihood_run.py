"""The pieces of a log-likelihood: a scan, pilot runs, chains forward and back.

Each is computed batch by batch, and only once: what was computed before is taken from
where it was kept. What they add up to is in `likelihood.py`.
"""

import functools
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.box import Box
from ebm_tf.conditions import Classes, of_labels, parts_of
from ebm_tf.energy.build import bind_condition
from ebm_tf.energy.model import EnergyModel
from ebm_tf.likelihood import merge, pilot, space, temperature
from ebm_tf.likelihood.annealing import AisResult, AisState
from ebm_tf.likelihood.base import Base, Uniform
from ebm_tf.likelihood.config import LikelihoodConfig
from ebm_tf.likelihood.weighted_chains import WeightedChains
from ebm_tf.model_likelihood.annealer import Annealer
from ebm_tf.model_likelihood.batches import Batches, Parts
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
        size = config.chains_per_batch * strategy.num_replicas_in_sync
        self._batches, self._report = Batches(size, parts, report), report

    @property
    def total(self) -> int:
        """Temperatures that all batches of chains pass, pilot runs not counted."""
        config = self._config
        forward = self._num_batches(config.num_chains)
        reverse = self._num_batches(config.num_images * config.chains_per_image)
        *fewer, most = config.num_temperatures
        total = sum(fewer) * (forward + reverse) + most * (forward + 2 * reverse)
        if config.beta is None:
            scan = config.scan
            # The second scan goes two ways: to where it begins, and on.
            legs = 1 if scan.span is None else 3
            batches = self._num_batches(scan.num_chains)
            total += legs * scan.num_temperatures * batches
        return total * len(self._energy_fns)

    def _num_batches(self, num_chains: int) -> int:
        return len(self._batches.sizes(num_chains))

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

        def run_of(label, betas):
            problem = self._pose(label, start, scan.beta_max)
            path = self._path(f"scan-{label}-pilot", problem, betas)
            annealer = self._annealer(problem, path.refine(scan.num_temperatures))
            seed = rng.fold_in(self._seeds[0], label)
            found = self._forward(f"scan-{label}", annealer, scan.num_chains, seed)
            return found, annealer.betas

        log_volume = self._box.log_volume(int(np.prod(start.state_shape)))
        return self._read(run_of, (0.0, scan.beta_max), log_volume, validation)

    def scan_around(
        self, beta: float, base: Base, validation: np.ndarray
    ) -> temperature.TemperatureScan:
        """Scans again around `beta`, from a base that knows the data.

        Chains from the uniform density find few of a cold density's modes. These
        go from `base` to `beta / span`, and on from there through every inverse
        temperature up to `beta * span`, with the weights they have.

        Raises:
            ValueError: If an energy is not finite, or no beta can be trusted.
        """
        scan = self._config.scan
        low, high = beta / scan.span, beta * scan.span

        def run_of(label, betas):
            name = f"scan-again-{label}"
            here = self._pose(label, base, low)
            path = self._path(f"{name}-pilot", here, None)
            to_low = self._annealer(here, path.refine(scan.num_temperatures))
            seeds = rng.split(rng.fold_in(self._seeds[4], label), 2)
            arrived = self._forward(f"{name}-to", to_low, scan.num_chains, seeds[0])
            chains = WeightedChains(here.target_fn, arrived.x, arrived.log_weights)
            there = self._pose(label, base, high)._replace(base=chains)
            path = self._path(f"{name}-on-pilot", there, betas)
            to_high = self._annealer(there, path.refine(scan.num_temperatures))

            def run(batch, batch_seed):
                state = AisState(arrived.x[batch], arrived.log_weights[batch])
                return to_high.advance(state, batch_seed)._asdict()

            found = self._merged(f"{name}-on", to_high, len(arrived.x), seeds[1], run)
            return found, to_high.betas

        return self._read(run_of, (low, high), 0.0, validation)

    def _read(self, run_of, ends, log_scale, validation) -> temperature.TemperatureScan:
        """Reads the scan off the run of each class, `run_of(label, betas)`."""
        results, betas = [], None
        for label in range(len(self._energy_fns)):
            result, betas = run_of(label, betas)
            results.append(result)
        energies, min_ess = self.energies(validation), self._config.scan.min_ess
        return temperature.scan_temperatures(
            results, betas, ends, log_scale, energies, min_ess
        )

    def annealers(self, base: Base, beta: float, num: int) -> list[Annealer]:
        """Returns the way from `base` to each class at `beta`, in `num` stops."""
        found = []
        for label in range(len(self._energy_fns)):
            problem = self._pose(label, base, beta)
            path = self._path(f"pilot-{label}", problem, None).refine(num)
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

            num = annealer.num_temperatures
            parts = self._batches.each(name, num, len(rows), seed, run)
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

    def _path(self, name: str, problem: space.Problem, betas) -> pilot.Pilot:
        def find() -> dict[str, np.ndarray]:
            seed = self._seeds[3]
            given = problem.base, problem.target_fn, problem.kernel_of
            settings = self._config.pilot
            if betas is None:
                found = pilot.equal_ess_schedule(*given, settings, seed)
            else:
                found = pilot.adapt_step_sizes(*given, betas, settings, seed)
            return found._asdict()

        return pilot.Pilot(**self._batches.once(name, 0, find))

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

        return self._merged(name, annealer, num_chains, seed, run)

    def _merged(self, name, annealer, num_chains, seed, run) -> AisResult:
        num = annealer.num_temperatures
        parts = self._batches.each(name, num, num_chains, seed, run)
        return merge.merge_chains([AisResult(**part) for part in parts])
