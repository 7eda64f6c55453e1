"""From log weights to numbers one may report, each with its error and its side.

Two log-likelihoods, which are of two densities:

  AIS    mean(-E(x)) - log mean(w) is *optimistic* for the model p: log Z comes out
         low on average, the log-likelihood high;
  RAISE  mean over x of -E(x) + log mean(w | x) is *conservative* for p_ann, the
         density that the annealing run itself samples [1]. It is no bound on log p;
         p_ann meets p as temperatures grow.

Sides are those of the expectation: a number errs to its side on average, and by
its standard error at random. Both suppose that some chain found every part of the
target that matters: weights cannot tell of a mode that none has seen.

[1] Burda, Grosse and Salakhutdinov, Accurate and conservative estimates of MRF
    log-likelihood using reverse annealing, 2015. https://arxiv.org/abs/1412.8566
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ebm_tf import checks


class LogEstimate(NamedTuple):
    """An estimate on the log scale.

    Attributes:
        value: Nats.
        standard_error: Of `value`, by the delta method, nats; too small where
            `ess` is a handful.
        ess: Effective sample size of the weights it comes from, 1 to `num_chains`.
        num_chains: Chains it comes from.
        side: "low" or "high": to which side `value` errs on average.
    """

    value: float
    standard_error: float
    ess: float
    num_chains: int
    side: str


def log_mean_exp(log_weights) -> LogEstimate:
    """Returns `log mean(exp(log_weights))`, low on average by Jensen.

    The standard error is that of the mean of the weights over the mean:
    `sqrt((1 / ess - 1 / N) * N / (N - 1))`.

    Args:
        log_weights: `[N]`, nats, of independent chains, N at least 2.

    Raises:
        ValueError: If there are fewer than two weights or one is not a number.
    """
    log_weights = _require_weights(log_weights)
    num = len(log_weights)
    checks.require(num >= 2, "log_weights", "of at least 2 chains", num)
    w = np.exp(log_weights - log_weights.max())
    ess = float(np.sum(w) ** 2 / np.sum(w**2))
    return LogEstimate(
        value=float(log_weights.max() + math.log(np.mean(w))),
        standard_error=float(np.std(w, ddof=1) / (np.mean(w) * math.sqrt(num))),
        ess=ess,
        num_chains=num,
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


def ais_log_likelihood(energies, log_z: LogEstimate) -> LogEstimate:
    """Mean log-likelihood of data under the model: optimistic.

    Args:
        energies: `E(x)` of the data, at the temperature of `log_z`, `[N]`, nats.
        log_z: From a forward run.

    Returns:
        `mean(-E) - log Z`, nats; high on average. The standard error is log Z's:
        it is about this data, not about other data of its kind.

    Raises:
        ValueError: If there is no data or an energy is not finite.
    """
    energies = require_energies(energies, 1)
    return log_z._replace(value=float(-energies.mean()) - log_z.value, side="high")


def ais_mixture_log_likelihood(energies, log_zs: Sequence[LogEstimate]) -> LogEstimate:
    """Mean log-likelihood under the uniform mixture over classes: optimistic.

        log p(x) = log( sum{ exp(-E(x, c)) / Z[c] : c } / C )

    Args:
        energies: `E(x, c)`, `[C, N]`, nats.
        log_zs: Of each class, C of them, from forward runs.

    Returns:
        Nats, high on average; `ess` is the least of the classes'.

    Raises:
        ValueError: If there is no data, an energy is not finite, or the classes
            do not agree in number.
    """
    energies = require_energies(energies, 2)
    checks.require(
        len(log_zs) == len(energies), "log_zs", f"of {len(energies)} classes", log_zs
    )
    each = -energies - np.array([log_z.value for log_z in log_zs])[:, np.newaxis]
    mixed = uniform_mixture(each)
    # d value / d log Z[c] is minus the mean probability of class c.
    share = np.mean(np.exp(each - mixed), axis=1) / len(energies)
    errors = np.array([log_z.standard_error for log_z in log_zs])
    return LogEstimate(
        value=float(mixed.mean()),
        standard_error=float(np.sqrt(np.sum((share * errors) ** 2))),
        ess=min(log_z.ess for log_z in log_zs),
        num_chains=sum(log_z.num_chains for log_z in log_zs),
        side="high",
    )


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


def raise_log_likelihood(log_densities) -> LogEstimate:
    """Mean log-likelihood of data under p_ann: conservative.

    Args:
        log_densities: From `raise_log_densities`, or their `uniform_mixture` over
            classes, `[N]`, nats, N at least 2.

    Returns:
        Nats, low on average for p_ann. The standard error is the spread over the
        data, which holds both the chains' and the data's; `ess` is N.

    Raises:
        ValueError: If there are fewer than two points or one is not finite.
    """
    log_densities = _require_weights(log_densities)
    num = len(log_densities)
    checks.require(num >= 2, "log_densities", "of at least 2 points", num)
    return LogEstimate(
        value=float(log_densities.mean()),
        standard_error=float(np.std(log_densities, ddof=1) / math.sqrt(num)),
        ess=float(num),
        num_chains=num,
        side="low",
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
