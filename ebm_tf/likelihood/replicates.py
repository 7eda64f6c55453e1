"""From independent runs to what may be said: an interval, or a one-sided bound.

`std(w) / (mean(w) sqrt(N))`, the delta method's error of log mean(w), never exceeds
1, whatever the weights: where a few chains hold nearly all the weight it is no error
at all. So each number has one of three forms, all at 95 %:

  interval  t over independent runs, each with a pilot of its own, and never
            narrower than the delta method says. Only if the effective sample size
            (ESS) is 50 and more in 5 runs and more; with resampling, where an ESS
            says nothing, in 10 and more whose delta method's errors are 0.5 nats at
            most. In both cases log Z-hat must spread by 0.5 nats at most over runs:
            where one run has met a mode that others missed, it does not.
  at_most   else. E[Z-hat] = Z, so by Markov's inequality log Z >= log(mean of all
            runs' Z-hat) - ln 20 with probability 0.95 at least, whatever the weights
            [1]. On log Z a lower bound, on a log-likelihood an upper one: the side
            that flatters the model. Where several settings were tried and one was
            kept for what its runs gave, ln 20 becomes ln 20 + ln num_tried.
  at_least  RAISE. For each image exp(RAISE) is an unbiased estimate of p_ann(x), so
            the product over images, relative to the truth, has mean 1, and by Markov
            their mean log p_ann >= mean RAISE - ln 20 / (images * runs): for these
            very images, whatever the weights. p_ann is what the annealed sampler
            draws from; over several runs, each with its own, the average is meant.

An ESS cannot see a mode that no chain met, and an interval trusts it. A bound needs
no trust: it holds, however far off.

[1] Grosse, Ghahramani and Adams, Sandwiching the marginal likelihood using
    bidirectional Monte Carlo, 2015, section 2. https://arxiv.org/abs/1511.02543
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.stats

from ebm_tf import checks
from ebm_tf.likelihood import estimate
from ebm_tf.likelihood.reported import FLIPPED, LEVEL, Reported

MARKOV = -math.log1p(-LEVEL)  # ln 20, nats
MIN_RUNS, MIN_RESAMPLED_RUNS = 5, 10
MAX_SPREAD = 0.5  # of log Z-hat over runs, nats


class Run(NamedTuple):
    """What the forward chains of one run say about log Z.

    Attributes:
        log_z: `log mean(w)`, nats.
        variance: Of `log_z`, by the delta method, nats squared.
        ess: Effective sample size, of at most 1,000 chains; None with resampling.
        num_chains: How many.
        num_ancestors: Distinct first ancestors; None without resampling.
    """

    log_z: float
    variance: float
    ess: float | None
    num_chains: int
    num_ancestors: int | None


def run_of(log_weights, ancestors=None, squared_cv=None) -> Run:
    """Returns what chains say about log Z.

    Args:
        log_weights: `[N]`, nats, N at least 2.
        ancestors: First ancestor of each chain, `[N]`, of chains that may have been
            resampled; None of chains that were not.
        squared_cv: Squared coefficients of variation of the weights that resampling
            used up, added up for each chain, `[N]`; goes with `ancestors`.

    Raises:
        ValueError: If there are fewer than two weights or one is not finite.
    """
    log_mean, variance = estimate.log_mean_and_variance(log_weights)
    num = len(log_weights)
    if ancestors is None:
        ess = estimate.effective_sample_size(log_weights)
        return Run(log_mean, variance, ess, num, None)
    variance += float(np.mean(squared_cv)) / num
    return Run(log_mean, variance, None, num, len(np.unique(ancestors)))


def log_z(runs: Sequence[Run], num_tried: int = 1) -> Reported:
    """Returns log Z from forward runs: an interval, or "at_least".

    Args:
        runs: Independent runs with pilots of their own, all of the same target.
        num_tried: Settings that were tried and then chosen from by these runs.

    Raises:
        ValueError: If there is no run.
    """
    found = log_likelihood([[0.0]], [[run] for run in runs], num_tried)
    form = FLIPPED[found.form]
    return found._replace(form=form, value=0.0 - found.value, point=0.0 - found.point)


def log_likelihood(
    energies, runs: Sequence[Sequence[Run]], num_tried: int = 1
) -> Reported:
    """Returns the mean log-likelihood of data under the model: AIS's side.

    An interval, or "at_most". It is about this data, not about other data of its
    kind. In a bound each of C classes has a C-th of the 5 %.

    Args:
        energies: `E(x, c)`, `[C, N]`, nats; classes are mixed evenly.
        runs: Of each run what it says of each class, `[R][C]`.
        num_tried: As of `log_z`.

    Raises:
        ValueError: If there is no data or no run, an energy is not finite, or the
            classes do not agree in number.
    """
    energies = estimate.require_energies(energies, 2)
    num_classes, num_runs = len(energies), len(runs)
    checks.require(num_runs >= 1, "runs", "of one run or more", num_runs)
    checks.require_count("num_tried", num_tried)
    counts = [len(run) for run in runs]
    fits = set(counts) == {num_classes}
    checks.require(fits, "runs", f"of {num_classes} classes", counts)
    each = np.array([[one.log_z for one in run] for run in runs])
    pooled = np.logaddexp.reduce(each, axis=0) - math.log(num_runs)
    point, share = _mixture(energies, pooled)
    values = np.array([_mixture(energies, row)[0] for row in each])
    # The variance of every run's Z-hat, relative to the square of their mean.
    variances = np.array([[one.variance for one in run] for run in runs])
    variances = np.sum(np.exp(2.0 * (each - pooled)) * variances, axis=0)
    delta = math.sqrt(np.sum(share**2 * variances)) / num_runs
    found = _unclaimed(point, values, runs, num_tried)
    if _is_trusted(found, runs):
        error = max(found.spread / math.sqrt(num_runs), delta)
        return over_runs(found, error)._replace(delta_error=delta)
    slack = MARKOV + math.log(num_tried * num_classes)
    bound = _mixture(energies, pooled - slack)[0]
    return found._replace(form="at_most", value=bound)


def over_runs(found: Reported, error: float) -> Reported:
    """Returns `found` as a t-interval over its runs, of this standard error, nats."""
    width = _t_quantile(found.num_runs - 1) * error
    return found._replace(form="interval", half_width=width, error=error)


def _mixture(energies: np.ndarray, log_zs: np.ndarray) -> tuple[float, np.ndarray]:
    """Returns the mean log-likelihood, and minus its derivative by each log Z."""
    each = -energies - log_zs[:, np.newaxis]
    mixed = estimate.uniform_mixture(each)
    return float(mixed.mean()), np.mean(np.exp(each - mixed), axis=1) / len(each)


def _unclaimed(point: float, values: np.ndarray, runs, num_tried: int) -> Reported:
    """Returns an estimate with what is known of its runs, and no error yet."""
    flat = [one for run in runs for one in run]
    ess = num_ancestors = None
    if all(one.num_ancestors is None for one in flat):
        ess = float(np.min(np.mean([[one.ess for one in run] for run in runs], axis=0)))
    else:
        num_ancestors = min(one.num_ancestors for one in flat)
    return Reported(
        form="interval",
        value=point,
        half_width=None,
        error=None,
        delta_error=None,
        point=point,
        spread=_spread(values),
        ess=ess,
        num_ancestors=num_ancestors,
        num_runs=len(runs),
        num_chains=flat[0].num_chains,
        num_tried=num_tried,
    )


def _is_trusted(found: Reported, runs) -> bool:
    resampled = found.ess is None
    least = MIN_RESAMPLED_RUNS if resampled else MIN_RUNS
    if found.num_runs < least or found.spread > MAX_SPREAD:
        return False
    if not resampled:
        return found.ess >= estimate.MIN_ESS
    largest = max(one.variance for run in runs for one in run)
    return math.sqrt(largest) <= MAX_SPREAD


def raise_log_likelihood(log_densities, num_tried: int = 1) -> Reported:
    """Returns the mean of log p_ann over these images: RAISE's side, "at_least".

    Args:
        log_densities: From `estimate.raise_log_densities`, or their `uniform_mixture`
            over classes, of R runs of the same images, `[R, N]`, nats.
        num_tried: Settings that were tried on these images and then chosen from.

    Raises:
        ValueError: If there is no image, or a number is not finite.
    """
    found = _mean(log_densities)
    checks.require_count("num_tried", num_tried)
    slack = (MARKOV + math.log(num_tried)) / (found.num_chains * found.num_runs)
    bound = found.point - slack
    return found._replace(form="at_least", value=bound, num_tried=num_tried)


def mean_over_images(values) -> Reported:
    """Returns an interval for the mean over all images of the kind that these are of.

    The variance of a mean over R runs and N images is that over images plus that over
    runs; degrees of freedom by Welch and Satterthwaite. Of differences between two
    models on the same images it is the paired comparison.

    Args:
        values: Of R runs on the same images, `[R, N]`, nats, N at least 2: RAISE's
            log densities, or their differences from another model's or a baseline's.

    Raises:
        ValueError: If there are fewer than two images, or a number is not finite.
    """
    found, values = _mean(values), np.asarray(values, np.float64)
    num_runs, num = values.shape
    checks.require(num >= 2, "values", "of two images or more", num)
    parts = [(np.var(values.mean(axis=0), ddof=1) / num, num - 1)]
    if num_runs > 1:
        parts.append((found.spread**2 / num_runs, num_runs - 1))
    variance = float(sum(part for part, _ in parts))
    weight = sum(part**2 / freedom for part, freedom in parts)
    freedom = variance**2 / weight if weight > 0 else num - 1
    error = math.sqrt(variance)
    return found._replace(half_width=_t_quantile(freedom) * error, error=error)


def _mean(values) -> Reported:
    values = np.asarray(values, np.float64)
    rule = "[R, N], of one run and one image at least"
    checks.require(values.ndim == 2 and values.size > 0, "values", rule, values.shape)
    bad = int(np.sum(~np.isfinite(values)))
    checks.require(bad == 0, "values", "finite", f"{bad} of {values.size} that are not")
    point = float(values.mean())
    return Reported(
        form="interval",
        value=point,
        half_width=None,
        error=None,
        delta_error=None,
        point=point,
        spread=_spread(values.mean(axis=1)),
        ess=None,
        num_ancestors=None,
        num_runs=len(values),
        num_chains=values.shape[1],
        num_tried=1,
    )


def _spread(values: np.ndarray) -> float | None:
    return float(np.std(values, ddof=1)) if len(values) > 1 else None


def _t_quantile(freedom: float) -> float:
    return float(scipy.stats.t.ppf(0.5 + LEVEL / 2.0, freedom))
