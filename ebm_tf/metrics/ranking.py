"""Does the energy tell data from what is not data?

References: Hanley & McNeil, 1982 (the area as a probability); DeLong, DeLong &
Clarke-Pearson, 1988 (its standard error).
"""

import math
from typing import NamedTuple

import numpy as np
from sklearn.metrics import roc_auc_score

from ebm_tf import checks


class Auroc(NamedTuple):
    """An area under the ROC curve.

    Attributes:
        area: The probability that a draw of the first set has the LOWER energy,
            ties counting half, in [0, 1]: 1 if the energy of the first is always
            the lower one, 0.5 if the two cannot be told apart, 0 if always higher.
        standard_error: One standard error of `area`, from the two sets' sizes.
    """

    area: float
    standard_error: float


def auroc(lower: np.ndarray, higher: np.ndarray) -> Auroc:
    """Returns how well the energy ranks `lower` below `higher`.

    Args:
        lower: Energies of the set expected to be likely, such as data, nats `[N]`.
        higher: Energies of the other set, such as noise, nats `[M]`.

    Returns:
        `Auroc`; swapping the two sets gives `1 - area`.

    Raises:
        ValueError: If a set has fewer than two energies or one is not finite.
    """
    sets = []
    for name, energies in (("lower", lower), ("higher", higher)):
        energies = np.asarray(energies, np.float64)
        rule = "a vector of at least two energies"
        checks.require(
            energies.ndim == 1 and energies.size >= 2, name, rule, energies.shape
        )
        bad = int(np.sum(~np.isfinite(energies)))
        checks.require(bad == 0, name, "finite", f"{bad} energies that are not")
        sets.append(energies)
    lower, higher = sets
    positive = np.concatenate([np.zeros(lower.size), np.ones(higher.size)])
    area = float(roc_auc_score(positive, np.concatenate(sets)))
    return Auroc(area, _standard_error(lower, higher))


def _standard_error(lower: np.ndarray, higher: np.ndarray) -> float:
    """The spread of each energy's share of the other set on its right side."""
    shares = (1.0 - _share_below(higher, lower), _share_below(lower, higher))
    return math.sqrt(sum(np.var(share, ddof=1) / share.size for share in shares))


def _share_below(values: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Returns the share of `values` below each limit, ties counting half."""
    ordered = np.sort(values)
    below, up_to = (
        np.searchsorted(ordered, limits, side) for side in ("left", "right")
    )
    return (below + up_to) / (2 * values.size)
