"""Both log-likelihoods of the same images, and the gap between them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ebm_tf.likelihood import estimate
from ebm_tf.likelihood.annealing import AisResult
from ebm_tf.likelihood.estimate import LogEstimate


class Bounds(NamedTuple):
    """Mean log-likelihoods of the same images, nats.

    Attributes:
        ais: Optimistic for the model.
        raise_: Conservative for the density of the annealing run, p_ann.
        gap: `ais - raise_`.
        gap_error: Its standard error: the chains', not the images'.
    """

    ais: LogEstimate
    raise_: LogEstimate
    gap: float
    gap_error: float


def bounds(
    energies: np.ndarray, forward: Sequence[AisResult], log_weights: np.ndarray
) -> Bounds:
    """Returns mean log-likelihoods of images under the even mixture of classes.

    Args:
        energies: `beta * E(x, c)`, `[C, N]`, nats.
        forward: Runs to each class, C of them.
        log_weights: Of chains back from the images, `[C, M, N]`, nats.

    Raises:
        ValueError: If a number is not finite, or there are fewer than two images
            or chains.
    """
    log_zs = [estimate.log_z_from_forward(run.log_weights) for run in forward]
    ais = estimate.ais_mixture_log_likelihood(energies, log_zs)
    each = [
        estimate.raise_log_densities(row, weights)
        for row, weights in zip(energies, log_weights, strict=True)
    ]
    densities = estimate.uniform_mixture(each)
    conservative = estimate.raise_log_likelihood(densities)
    # The same images on both sides: their own spread is not the gap's.
    log_z = np.array([[one.value] for one in log_zs])
    differences = estimate.uniform_mixture(-energies - log_z) - densities
    error = np.std(differences, ddof=1) / np.sqrt(len(differences))
    return Bounds(
        ais=ais,
        raise_=conservative,
        gap=ais.value - conservative.value,
        gap_error=float(np.hypot(error, ais.standard_error)),
    )
