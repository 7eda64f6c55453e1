"""The inverse temperature at which a model says most of validation data.

An energy trained with short chains is right only up to a factor: the density that
fits is `exp(-beta E)` for a beta one has to look for (paper, A.3). With a uniform
base one annealing run to `exp(-beta_max E)` passes through every smaller beta, so
it gives all their log Z at once. Never choose on the test split.

[1] Du and Mordatch, Implicit generation and modeling with energy-based models,
    2019, appendix A.3. https://arxiv.org/abs/1903.08689
"""

from typing import NamedTuple

import numpy as np

from ebm_tf import checks
from ebm_tf.likelihood import schedules
from ebm_tf.likelihood.annealing import AisResult


class TemperatureScan(NamedTuple):
    """Log-likelihoods along a path; every entry float64 `[K]`, nats.

    Attributes:
        betas: Inverse temperatures, increasing, from the first after 0.
        log_z: log Z of `exp(-beta E)` on the box; low on average.
        standard_error: Of `log_z`, by the delta method.
        ess: Effective sample size of its weights.
        log_likelihood: Mean of `-beta E(x) - log Z` over the data; optimistic.
        best: Index of the best beta among those with a trustworthy log Z.
    """

    betas: np.ndarray
    log_z: np.ndarray
    standard_error: np.ndarray
    ess: np.ndarray
    log_likelihood: np.ndarray
    best: int

    @property
    def best_beta(self) -> float:
        """The chosen inverse temperature."""
        return float(self.betas[self.best])


def scan_temperatures(
    result: AisResult,
    betas,
    beta_max: float,
    log_volume: float,
    energies,
    min_ess: float,
) -> TemperatureScan:
    """Reads a scan over temperatures off one forward run from the uniform base.

    A log Z from few effective chains is low, and the log-likelihood made with it
    too good: betas whose effective sample size is under `min_ess` are reported
    and never chosen.

    Args:
        result: Of `ais_log_weights` from `base.Uniform` to `beta_max * E`.
        betas: The schedule of that run, `[K + 1]`, say `schedules.log_spaced`.
        beta_max: Inverse temperature at the end of the path.
        log_volume: Log volume of the box, nats.
        energies: `E(x)` of validation data, at beta 1, `[N]`, nats.
        min_ess: Least effective sample size to choose from.

    Raises:
        ValueError: If there is no data, an energy is not finite, or no beta has
            an effective sample size of `min_ess`.
    """
    share = schedules.require_schedule(betas)[1:]
    checks.require_number("beta_max", beta_max, above=0)
    energies = np.asarray(energies, np.float64)
    checks.require(energies.size > 0, "energies", "non-empty", energies.shape)
    bad = int(np.sum(~np.isfinite(energies)))
    checks.require(bad == 0, "energies", "finite", f"{bad} that are not")
    # Halfway, the base still has the power (1 - share): undo it.
    log_z = np.asarray(result.log_mean) + (1.0 - share) * log_volume
    ess, num = np.asarray(result.ess), len(np.asarray(result.log_weights))
    checks.require(num >= 2, "result", "of at least 2 chains", num)
    log_likelihood = -share * beta_max * energies.mean() - log_z
    trusted = ess >= min_ess
    checks.require(
        bool(trusted.any()), "min_ess", f"at most {ess.max():.1f} here", min_ess
    )
    return TemperatureScan(
        betas=share * beta_max,
        log_z=log_z,
        standard_error=np.sqrt(np.maximum(num / ess - 1.0, 0.0) / (num - 1)),
        ess=ess,
        log_likelihood=log_likelihood,
        best=int(np.argmax(np.where(trusted, log_likelihood, -np.inf))),
    )
