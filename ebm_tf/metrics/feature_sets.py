"""Sets of features that are compared: of one width, finite, more than a few.

Features are what a network makes of an image: its last hidden layer, a row of numbers
for each image. Which network that was belongs to the name of every number that is made
of them.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ebm_tf import checks

_ROWS = 4096


class Estimate(NamedTuple):
    """A number and its error.

    Attributes:
        value: The number.
        standard_error: One standard error of it, or None where nobody knows one.
    """

    value: float
    standard_error: float | None


class Features(NamedTuple):
    """What a network makes of images.

    Attributes:
        features: Its last hidden layer, float32 `[N, width]`.
        probs: Its class probabilities, float32 `[N, num_classes]`.
    """

    features: np.ndarray
    probs: np.ndarray


def require_set(features: np.ndarray, name: str, least: int = 1) -> np.ndarray:
    """Returns a set of features, unless it is none.

    Args:
        features: `[N, width]`.
        name: What messages call it.
        least: The fewest rows.

    Raises:
        ValueError: If it is not of that shape, has fewer rows, or not all is finite.
    """
    features = np.asarray(features)
    rule = f"[N, width] with N at least {least}"
    holds = features.ndim == 2 and len(features) >= least and features.shape[1] > 0
    checks.require(holds, name, rule, features.shape)
    bad = sum(int(np.sum(~np.isfinite(part))) for part in parts(features))
    checks.require(bad == 0, name, "finite", f"{bad} numbers that are not")
    return features


def require_pair(
    train: np.ndarray, samples: np.ndarray, least: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Returns two sets of features, unless they are none or of other widths.

    Args:
        train: `[M, width]`.
        samples: `[N, width]`.
        least: The fewest rows of each.

    Raises:
        ValueError: As `require_set`, or if the widths differ.
    """
    train = require_set(train, "train", least)
    samples = require_set(samples, "samples", least)
    require_width(samples, train.shape[1], "samples")
    return train, samples


def require_width(features: np.ndarray, width: int, name: str) -> None:
    """Raises ValueError unless features `[N, width]` have that width."""
    rule = f"features of width {width}, as those that they are compared with"
    checks.require(features.shape[-1] == width, name, rule, features.shape)


def are_alike(features: np.ndarray) -> bool:
    """Returns whether all rows of `[N, width]` are one."""
    return all(np.array_equal(row, features[0]) for row in features[1:])


def parts(features: np.ndarray) -> Iterator[np.ndarray]:
    """Yields `[N, width]` some thousand rows at a time, float64 `[n, width]`."""
    for first in range(0, len(features), _ROWS):
        yield np.asarray(features[first : first + _ROWS], np.float64)


def blocks(num: int, num_blocks: int) -> list[slice]:
    """Returns so many blocks of `num` rows, which differ by one row at most."""
    edges = np.linspace(0, num, num_blocks + 1).round().astype(int)
    return [slice(*edges[place : place + 2]) for place in range(num_blocks)]
