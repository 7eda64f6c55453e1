"""Both log-likelihoods of the same images, each in the form that it may be said in."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ebm_tf.likelihood import estimate, replicates
from ebm_tf.likelihood.annealing import AisResult
from ebm_tf.likelihood.reported import Reported


class Bounds(NamedTuple):
    """Mean log-likelihoods of the same images, nats.

    Attributes:
        ais: Of these images under the model: an interval, or "at_most".
        raise_: Of these images under p_ann, averaged over runs: "at_least".
        others: RAISE's interval for all images of the kind that these are of.
        gap: `ais - raise_`, an interval over runs; None where `ais` is a bound.
        densities: RAISE's log densities, `[R, N]`: what models and baselines are
            compared by, image by image.
    """

    ais: Reported
    raise_: Reported
    others: Reported
    gap: Reported | None
    densities: np.ndarray


def bounds(
    energies: np.ndarray,
    forward: Sequence[Sequence[AisResult]],
    log_weights: np.ndarray,
    *,
    resampled: bool = False,
    num_tried: int = 1,
) -> Bounds:
    """Returns mean log-likelihoods of images under the even mixture of classes.

    Args:
        energies: `beta * E(x, c)`, `[C, N]`, nats.
        forward: Of each of R runs with a pilot of its own, the chains to each class,
            `[R][C]`.
        log_weights: Of chains back from the images, `[R, C, M, N]`, nats.
        resampled: Whether forward chains may have been resampled.
        num_tried: Settings that were tried and chosen from by these numbers.

    Raises:
        ValueError: If a number is not finite, or there are fewer than two images
            or chains.
    """
    runs = forward_runs(forward, resampled)
    ais = replicates.log_likelihood(energies, runs, num_tried)
    densities = raise_densities(energies, log_weights)
    conservative = replicates.raise_log_likelihood(densities, num_tried)
    return Bounds(
        ais=ais,
        raise_=conservative,
        others=replicates.mean_over_images(densities),
        gap=_gap(energies, runs, ais, densities),
        densities=densities,
    )


def forward_runs(
    forward: Sequence[Sequence[AisResult]], resampled: bool
) -> list[list[replicates.Run]]:
    """Returns what forward chains, `[R][C]`, say about log Z."""

    def told(run: AisResult) -> replicates.Run:
        if resampled:
            return replicates.run_of(run.log_weights, run.ancestors, run.squared_cv)
        return replicates.run_of(run.log_weights)

    return [[told(one) for one in run] for run in forward]


def raise_densities(energies: np.ndarray, log_weights: np.ndarray) -> np.ndarray:
    """Returns RAISE's log densities, `[R, N]`, nats; arguments as of `bounds`."""
    return np.stack([_raised(energies, weights) for weights in log_weights])


def _raised(energies: np.ndarray, log_weights: np.ndarray) -> np.ndarray:
    """Returns RAISE's log densities of one run, `[N]`, from weights `[C, M, N]`."""
    each = [
        estimate.raise_log_densities(row, weights)
        for row, weights in zip(energies, log_weights, strict=True)
    ]
    return estimate.uniform_mixture(each)


def _gap(energies, runs, ais: Reported, densities: np.ndarray) -> Reported | None:
    """The images are the same on both sides: their own spread is not the gap's."""
    if ais.form != "interval":
        return None
    each = [
        replicates.log_likelihood(energies, [run]).point - row.mean()
        for run, row in zip(runs, densities, strict=True)
    ]
    point = ais.point - float(densities.mean())
    spread = float(np.std(each, ddof=1))
    error = max(spread / math.sqrt(len(runs)), ais.error)
    found = ais._replace(value=point, point=point, spread=spread)
    return replicates.over_runs(found, error)
