"""From log weights to estimates, each with its side; what to print is `replicates.py`.

Two log-likelihoods, which are of two densities:

  AIS    mean(-E(x)) - log mean(w) is *optimistic* for the model p: log Z comes out
         low on average, the log-likelihood high;
  RAISE  mean over x of -E(x) + log mean(w | x) is *conservative* for p_ann, the
         density that the annealing run itself samples [1]. It is no bound on log p;
         p_ann meets p as temperatures grow.

Sides are those of the expectation: a number errs to its side on average. AIS's
supposes that some chain found every part of the target that matters: weights cannot
tell of a mode that none has seen.

[1] Burda, Grosse and Salakhutdinov, Accurate and conservative estimates of MRF
    log-likelihood using reverse annealing, 2015. https://arxiv.org/abs/1412.8566
"""

import math
from typing import NamedTuple

import numpy as np

from ebm_tf import checks

MIN_ESS = 50.0  # below it weights have no error that one may print
MAX_CHAINS = 1000  # chains that an effective sample size is of
_ONE_SIGMA = 0.8413447460685429  # share of a normal density below one deviation


class LogEstimate(NamedTuple):
    """An estimate on the log scale, from one run; `replicates.py` has it from several.

    Attributes:
        value: Nats.
        standard_error: Of `value`, by the delta method, nats; None where `ess` is
            below 50, as it never exceeds 1 and says nothing there.
        ess: `effective_sample_size` of the weights it comes from.
        num_chains: Chains it comes from.
        side: "low" or "high": to which side `value` errs on average.
    """

    value: float
    standard_error: float | None
    ess: float
    num_chains: int
    side: str


def effective_sample_size(log_weights) -> float:
    """Returns the effective sample size of weights, of at most 1,000 chains.

    The smaller of two, and at least 1: `sum(w)**2 / sum(w**2)`, which cannot tell of
    heavy weights that no chain has drawn; and `N exp(-s**2)`, what it comes to for
    log-normal weights whose log has the standard deviation s, read off between the
    median and the 84 % point of the log weights. Of more than 1,000 chains it is what
    1,000 of them have on average: more chains make no better proposal.

    Args:
        log_weights: `[N]`, nats, of independent chains.
    """
    log_weights = np.asarray(log_weights, np.float64)
    w = np.exp(log_weights - log_weights.max())
    share = np.mean(w) ** 2 / np.mean(w**2)
    places = [round(part * (len(w) - 1)) for part in (0.5, _ONE_SIGMA)]
    median, upper = np.partition(log_weights, places)[places]
    num = min(len(log_weights), MAX_CHAINS)
    return float(max(1.0, num * min(share, math.exp(-((upper - median) ** 2)))))


def log_mean_and_variance(log_weights) -> tuple[float, float]:
    """Returns `log mean(exp(log_weights))` and its variance by the delta method.

    That of the mean of the weights over the mean squared, which never exceeds 1.

    Args:
        log_weights: `[N]`, nats, of independent chains, N at least 2.

    Raises:
        ValueError: If there are fewer than two weights or one is not a number.
    """
    log_weights = _require_weights(log_weights)
    num = len(log_weights)
    checks.require(num >= 2, "log_weights", "of at least 2 chains", num)
    w = np.exp(log_weights - log_weights.max())
    variance = np.var(w, ddof=1) / (np.mean(w) ** 2 * num)
    return float(log_weights.max() + math.log(np.mean(w))), float(variance)


def log_mean_exp(log_weights) -> LogEstimate:
    """Returns `log mean(exp(log_weights))`, low on average by Jensen.

    Args:
        log_weights: `[N]`, nats, of independent chains, N at least 2.

    Raises:
        ValueError: If there are fewer than two weights or one is not a number.
    """
    value, variance = log_mean_and_variance(log_weights)
    ess = effective_sample_size(log_weights)
    return LogEstimate(
        value=value,
        standard_error=math.sqrt(variance) if ess >= MIN_ESS else None,
        ess=ess,
        num_chains=len(log_weights),
        side="low",
    )


def log_z_from_forward(log_weights) -> LogEstimate:
    """Returns log Z from `ais_log_weights`: low on average."""
    return log_mean_exp(log_weights)


def log_z_from_reverse(log_weights) -> LogEstimate:
    """Returns log Z from `reverse_ais_log_weights`: high on average.

    Only if the chains started from *exact* samples of the target: from samples
    that themselves come from a chain, it is on no known side.
    """
    inverse = log_mean_exp(log_weights)
    return inverse._replace(value=-inverse.value, side="high")


def raise_log_densities(energies, log_weights) -> np.ndarray:
    """Log densities of data under p_ann, each low on average [1, section 4].

    Args:
        energies: `E(x)`, `[N]`, nats.
        log_weights: Of reverse runs from each x, `[M, N]`, M chains for each.

    Returns:
        float64 `[N]`, nats: `-E(x) + log mean(w | x)`.

    Raises:
        ValueError: If there is no data, the shapes do not fit, or an energy or a
            weight is not finite.
    """
    energies = require_energies(energies, 1)
    log_weights = np.asarray(log_weights, np.float64)
    checks.require(
        log_weights.ndim == 2 and log_weights.shape[1] == len(energies),
        "log_weights",
        f"of shape [num_chains, {len(energies)}]",
        log_weights.shape,
    )
    _require_weights(log_weights.ravel())
    return (
        np.logaddexp.reduce(log_weights, axis=0) - math.log(len(log_weights)) - energies
    )


def uniform_mixture(log_densities) -> np.ndarray:
    """Returns `log mean(exp(log_densities))` over the first axis: classes.

    Args:
        log_densities: `[C, N]`, nats.

    Returns:
        float64 `[N]`, nats.
    """
    log_densities = np.asarray(log_densities, np.float64)
    return np.logaddexp.reduce(log_densities, axis=0) - math.log(len(log_densities))


def bits_per_dim(log_prob: float, num_dims: int, bin_width: float) -> float:
    """Turns nats per datum into bits per dimension; lower is likelier.

    For data stored in bins and dequantized evenly within them, as images are,
    `-log2` of the probability of a datum's bins is at most this, on average.

    Args:
        log_prob: Log density, nats.
        num_dims: Dimensions of a datum.
        bin_width: Width of a bin in the density's units: 1 / 256 for images in
            [0, 1].

    Returns:
        `-(log_prob / num_dims + log(bin_width)) / log(2)`.
    """
    checks.require_count("num_dims", num_dims)
    checks.require_number("bin_width", bin_width, above=0)
    return -(log_prob / num_dims + math.log(bin_width)) / math.log(2.0)


def _require_weights(log_weights) -> np.ndarray:
    log_weights = np.asarray(log_weights, np.float64)
    bad = np.flatnonzero(~np.isfinite(log_weights))
    received = f"{bad.size} of {log_weights.size} that are not"
    checks.require(bad.size == 0, "log_weights", "finite", received)
    return log_weights


def require_energies(energies, rank: int) -> np.ndarray:
    """Returns `energies` as float64, of that rank, with data and all finite.

    Raises:
        ValueError: If they are not.
    """
    energies = np.asarray(energies, np.float64)
    checks.require(
        energies.ndim == rank and energies.size > 0,
        "energies",
        f"of rank {rank}, with data",
        energies.shape,
    )
    bad = int(np.sum(~np.isfinite(energies)))
    checks.require(bad == 0, "energies", "finite", f"{bad} that are not")
    return energies
