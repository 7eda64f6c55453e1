"""The inverse temperature at which a model says most of validation data.

An energy trained with short chains is right only up to a factor: the density that
fits is `exp(-beta E)` for a beta one has to look for (paper, A.3). With a uniform
base one annealing run to `exp(-beta_max E)` passes through every smaller beta, so
it gives all their log Z at once; from another base, one that goes on from a first
beta to a second passes all between (`weighted_chains.py`). Never choose on the test
split.

[1] Du and Mordatch, Implicit generation and modeling with energy-based models,
    2019, appendix A.3. https://arxiv.org/abs/1903.08689
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ebm_tf import checks
from ebm_tf.likelihood import schedules
from ebm_tf.likelihood.annealing import AisResult
from ebm_tf.likelihood.estimate import require_energies, uniform_mixture


class TemperatureScan(NamedTuple):
    """Log-likelihoods along a path; every entry float64 `[K]`, nats.

    Attributes:
        betas: Inverse temperatures, increasing, from the first after 0.
        log_z: log Z of `exp(-beta E)` on the box, low on average: `[C, K]`.
        ess: Effective sample size of its weights, the least of the classes'.
        standard_error: Of that log Z, by the delta method.
        log_likelihood: Mean log-likelihood of the data, optimistic.
        best: Index of the best beta among those with a trustworthy log Z.
    """

    betas: np.ndarray
    log_z: np.ndarray
    ess: np.ndarray
    standard_error: np.ndarray
    log_likelihood: np.ndarray
    best: int

    @property
    def best_beta(self) -> float:
        """The chosen inverse temperature."""
        return float(self.betas[self.best])


def scan_temperatures(
    results: Sequence[AisResult],
    schedule,
    ends: tuple[float, float],
    log_scale: float,
    energies,
    min_ess: float,
) -> TemperatureScan:
    """Reads a scan over temperatures off forward runs from one to another.

    A log Z from few effective chains is low, and the log-likelihood made with it
    too good: betas whose effective sample size is under `min_ess` are reported
    and never chosen.

    Args:
        results: Forward runs from `ends[0] * E` to `ends[1] * E`, one for each
            class, C of them; one for an unconditional energy.
        schedule: Of these runs, increasing from 0 to 1, `[K + 1]`.
        ends: Inverse temperatures where the path begins and ends, increasing; it
            begins at 0 with `base.Uniform`.
        log_scale: Log of what the density is divided by where the path begins, nats:
            the log volume of the box for `base.Uniform`, 0 for `WeightedChains`.
        energies: `E(x, c)` of validation data, at beta 1, `[C, N]`, nats. Classes
            are mixed evenly.
        min_ess: Least effective sample size to choose from.

    Raises:
        ValueError: If there is no data, an energy is not finite, or no beta has
            an effective sample size of `min_ess`.
    """
    share = schedules.require_schedule(schedule)[1:]
    low, high = ends
    checks.require(0 <= low < high < math.inf, "ends", "increasing, from 0 on", ends)
    betas = low + share * (high - low)
    energies = np.asarray(energies)
    checks.require(
        energies.ndim == 2 and energies.size > 0 and len(energies) == len(results),
        "energies",
        f"of shape [{len(results)}, N], with data",
        energies.shape,
    )
    energies = require_energies(energies, 2)
    # Halfway, the start still has the power (1 - share): undo its scale.
    log_means = np.stack([np.asarray(result.log_mean) for result in results])
    log_z = log_means + (1.0 - share) * log_scale
    ess = np.min([np.asarray(result.ess) for result in results], axis=0)
    num = len(results[0].log_weights)
    checks.require(num >= 2, "results", "of at least 2 chains", num)
    log_likelihood = np.array(
        [
            uniform_mixture(-beta * energies - column[:, np.newaxis]).mean()
            for beta, column in zip(betas, log_z.T)
        ]
    )
    # A whole sample of 1 comes out of float64 sums as a little less.
    trusted = ess >= min_ess * (1.0 - 1e-9)
    checks.require(
        bool(trusted.any()), "min_ess", f"at most {ess.max():.1f} here", min_ess
    )
    return TemperatureScan(
        betas=betas,
        log_z=log_z,
        ess=ess,
        standard_error=np.sqrt(np.maximum(num / ess - 1.0, 0.0) / (num - 1)),
        log_likelihood=log_likelihood,
        best=int(np.argmax(np.where(trusted, log_likelihood, -np.inf))),
    )
