"""The search for the inverse temperature that validation images ask for.

A first scan, of chains from the uniform density, shows where to look. By "ais", a
second one from the fitted base looks again there; both trust a log Z that comes out
low, and a log-likelihood too high, where chains are few. By "raise", images go back
to the base at some betas around the first, and RAISE's numbers, which are
conservative, are compared.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ebm_tf.likelihood import estimate, temperature
from ebm_tf.likelihood.annealing import AisResult
from ebm_tf.likelihood.base import Base, Uniform
from ebm_tf.likelihood.temperature import TemperatureScan
from ebm_tf.likelihood.weighted_chains import WeightedChains
from ebm_tf.model_likelihood.likelihood_run import LikelihoodRun


class RaiseScan(NamedTuple):
    """RAISE's log-likelihood of validation images at some inverse temperatures.

    Attributes:
        betas: Inverse temperatures, increasing, `[B]`.
        log_likelihood: Means over the images, nats, low on average for p_ann, `[B]`.
        error: Standard error of each one's difference from the best, `[B]`: over the
            same images.
        best: Index of the best.
    """

    betas: np.ndarray
    log_likelihood: np.ndarray
    error: np.ndarray
    best: int

    @property
    def best_beta(self) -> float:
        """The chosen inverse temperature."""
        return float(self.betas[self.best])


def find_beta(
    run: LikelihoodRun, base: Base, validation: np.ndarray
) -> tuple[float, dict[str, TemperatureScan | RaiseScan]]:
    """Returns the inverse temperature for `base`, and the scans by their names.

    Args:
        run: Of the energy.
        base: The fitted base.
        validation: Dequantized images, `[N, ...]`.

    Raises:
        ValueError: If an energy is not finite, or no beta can be trusted.
    """
    settings = run.config.scan
    scans = {"uniform": scan(run, validation)}
    beta = scans["uniform"].best_beta
    if settings.by == "raise":
        scans["raise"] = scan_raise(run, beta, base, validation)
    elif settings.span is not None:
        scans["base"] = scan_around(run, beta, base, validation)
    return list(scans.values())[-1].best_beta, scans


def scan(run: LikelihoodRun, validation: np.ndarray) -> TemperatureScan:
    """Scans the inverse temperature from the uniform density.

    The stops are where a pilot run of the first class finds equal drops of the
    effective sample size, the same for all classes.

    Args:
        run: Of the energy.
        validation: Dequantized images, `[N, ...]`.

    Raises:
        ValueError: If an energy is not finite, or no beta can be trusted.
    """
    settings = run.config.scan
    start = Uniform(run.box, validation.shape[1:])

    def run_of(label, betas):
        way = run.way(label, start, settings.beta_max)
        path = run.path(f"scan-{label}-pilot", way, betas)
        annealer = run.annealer(way, path.refine(settings.num_temperatures))
        found = run.run_forward(f"scan-{label}", annealer, settings.num_chains)
        return found, annealer.betas

    log_volume = run.box.log_volume(int(np.prod(start.state_shape)))
    # Where RAISE chooses, this scan only shows where to look.
    min_ess = settings.min_ess if settings.by == "ais" else 1.0
    ends = (0.0, settings.beta_max)
    return _read(run, run_of, ends, log_volume, validation, min_ess)


def scan_around(
    run: LikelihoodRun, beta: float, base: Base, validation: np.ndarray
) -> TemperatureScan:
    """Scans again around `beta`, from a base that knows the data.

    Chains from the uniform density find few of a cold density's modes. These go from
    `base` to `beta / span`, and on from there through every inverse temperature up to
    `beta * span`, with the weights they have.

    Raises:
        ValueError: If an energy is not finite, or no beta can be trusted.
    """
    settings = run.config.scan
    low, high = beta / settings.span, beta * settings.span

    def run_of(label, betas):
        name, num = f"scan-again-{label}", settings.num_temperatures
        here = run.way(label, base, low)
        to_low = run.annealer(here, run.path(f"{name}-pilot", here).refine(num))
        arrived = run.run_forward(f"{name}-to", to_low, settings.num_chains)
        chains = WeightedChains(here.problem.target_fn, arrived.x, arrived.log_weights)
        there = run.way(label, base, high).from_base(chains)
        path = run.path(f"{name}-on-pilot", there, betas)
        to_high = run.annealer(there, path.refine(num))
        return run.run_on(f"{name}-on", to_high, arrived), to_high.betas

    return _read(run, run_of, (low, high), 0.0, validation, settings.min_ess)


def scan_raise(
    run: LikelihoodRun, beta: float, base: Base, validation: np.ndarray
) -> RaiseScan:
    """Compares RAISE at inverse temperatures around `beta`, on the same images.

    Where the best is an end of the range, the range goes on to that side, a factor
    `span` at most: a beta that is an end even so asks for a larger `span`.

    Raises:
        ValueError: If an energy is not finite.
    """
    settings, energies = run.config.scan, run.energies(validation)
    powers = np.linspace(-1.0, 1.0, settings.num_betas)
    found = {}

    def densities(power: float) -> np.ndarray:
        here = beta * settings.span**power
        each = []
        for label, row in enumerate(energies):
            way = run.way(label, base, here)
            name = f"scan-raise-{power:.3f}-{label}"
            path = run.path(f"{name}-pilot", way).refine(settings.num_temperatures)
            weights = run.run_reverse(name, run.annealer(way, path), validation, 1)
            each.append(estimate.raise_log_densities(here * row, weights))
        return estimate.uniform_mixture(each)

    def best() -> float:
        return max(found, key=lambda power: found[power].mean())

    for power in powers:
        found[power] = densities(power)
    step = powers[1] - powers[0]
    while abs(best()) == max(map(abs, found)) < 2.0:
        power = best() + np.sign(best()) * step
        found[power] = densities(power)
    order = sorted(found)
    values = np.stack([found[power] for power in order])
    means, num = values.mean(axis=1), values.shape[1]
    top = int(np.argmax(means))
    differences = values - values[top]
    error = np.std(differences, axis=1, ddof=1) / np.sqrt(num) if num > 1 else 0 * means
    return RaiseScan(beta * settings.span ** np.array(order), means, error, top)


def _read(
    run: LikelihoodRun,
    run_of: Callable[[int, np.ndarray | None], tuple[AisResult, np.ndarray]],
    ends: tuple[float, float],
    log_scale: float,
    validation: np.ndarray,
    min_ess: float,
) -> TemperatureScan:
    """Reads the scan off the run of each class, `run_of(label, betas)`."""
    results, betas = [], None
    for label in range(run.num_classes):
        result, betas = run_of(label, betas)
        results.append(result)
    energies = run.energies(validation)
    return temperature.scan_temperatures(
        results, betas, ends, log_scale, energies, min_ess
    )
