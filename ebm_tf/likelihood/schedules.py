"""Inverse temperatures of annealing: where a path stops on its way.

A schedule is `betas`, float64 `[K + 1]`, from 0 (the base) to 1 (the target). How
many temperatures a path needs goes with the square of its length; where they
should lie, close together where the energy's spread is large, is what a pilot
run finds out (`pilot.py`).

[1] Burda, Grosse and Salakhutdinov, Accurate and conservative estimates of MRF
    log-likelihood using reverse annealing, 2015. https://arxiv.org/abs/1412.8566
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from ebm_tf import checks

# The temperature of each stop of a run, by its number, an int32 scalar tensor: float64.
LevelAt = Callable[[tf.Tensor], tf.Tensor]


def linear(num_temperatures: int) -> np.ndarray:
    """Returns equally spaced betas, float64 `[num_temperatures + 1]`.

    Raises:
        ValueError: If `num_temperatures < 1`.
    """
    checks.require_count("num_temperatures", num_temperatures)
    return np.linspace(0.0, 1.0, num_temperatures + 1)


def sigmoid(num_temperatures: int, sharpness: float) -> np.ndarray:
    """Returns betas that are dense at both ends, float64 `[num_temperatures + 1]`.

    `sigmoid(sharpness * (2 k / K - 1))`, stretched to start at 0 and end at 1; the
    schedule of [1], with `sharpness` 4 there.

    Raises:
        ValueError: If `num_temperatures < 1` or `sharpness` is not positive.
    """
    checks.require_count("num_temperatures", num_temperatures)
    checks.require_number("sharpness", sharpness, above=0)
    raw = np.tanh(sharpness / 2.0 * np.linspace(-1.0, 1.0, num_temperatures + 1))
    return _exact_ends((raw - raw[0]) / (raw[-1] - raw[0]))


def log_spaced(first: float, num_temperatures: int) -> np.ndarray:
    """Returns 0, then betas in constant ratio from `first` to 1.

    For a uniform base: `exp(-beta E)` for every `beta` over several powers of ten
    lies on one path.

    Args:
        first: The first beta after 0, in (0, 1).
        num_temperatures: Betas after 0, at least 2.

    Returns:
        float64 `[num_temperatures + 1]`.

    Raises:
        ValueError: If an argument is out of range.
    """
    checks.require_number("first", first, above=0)
    checks.require(first < 1, "first", "below 1", first)
    checks.require_count("num_temperatures", num_temperatures, low=2)
    return _exact_ends(np.append(0.0, np.geomspace(first, 1.0, num_temperatures)))


def refine(values, num_temperatures: int) -> np.ndarray:
    """Returns a schedule with another number of temperatures, of the same shape.

    Linear between the entries, over their position: a path whose stops are equally
    far apart keeps that. Step sizes along a path are refined alike.

    Args:
        values: Array `[M + 1, ...]`, one entry a stop.
        num_temperatures: K, at least 1.

    Returns:
        float64 `[K + 1, ...]`, with the same first and last entry.

    Raises:
        ValueError: If `num_temperatures < 1`.
    """
    checks.require_count("num_temperatures", num_temperatures)
    values = np.asarray(values, np.float64)
    place = np.linspace(0.0, len(values) - 1.0, num_temperatures + 1)
    stops = np.arange(len(values))
    columns = values.reshape(len(values), -1).T
    refined = np.stack([np.interp(place, stops, column) for column in columns], axis=1)
    return refined.reshape(-1, *values.shape[1:])


def require_schedule(betas) -> np.ndarray:
    """Returns `betas` as float64 `[K + 1]`, each rounded to float32.

    Energies are weighted in float32: rounding here gives the kernel and the log
    weights the very same temperatures.

    Raises:
        ValueError: If `betas` is no vector of at least 2 numbers that increase
            from 0 to 1, even when rounded.
        TypeError: If `betas` is an argument of a `tf.function`: close over it.
    """
    try:
        betas = np.asarray(betas, np.float32).astype(np.float64)
    except NotImplementedError:  # what a symbolic tensor answers NumPy
        raise checks.InvalidTypeError(
            f"`betas` must be numbers when the graph is made. Received: betas={betas!r}"
        ) from None
    checks.require(
        betas.ndim == 1 and betas.size >= 2,
        "betas",
        "a vector of at least 2 numbers",
        betas.shape,
    )
    checks.require(
        betas[0] == 0.0 and betas[-1] == 1.0,
        "betas",
        "a schedule from 0 to 1",
        (float(betas[0]), float(betas[-1])),
    )
    falls = np.flatnonzero(~(np.diff(betas) > 0))
    if falls.size:
        pair = (float(betas[falls[0]]), float(betas[falls[0] + 1]))
        checks.require(False, "betas", "increasing, in float32", pair)
    return betas


def level_at(levels, first=0) -> LevelAt:
    """Returns the temperature k, of a schedule or of a part of one.

    Args:
        levels: What `require_schedule` returned, or some of it, one after the other.
        first: Number of the first of them; a number or an int32 scalar.
    """
    levels = tf.convert_to_tensor(levels, tf.float64)
    return lambda k: levels[k - first]


def _exact_ends(betas: np.ndarray) -> np.ndarray:
    betas[0], betas[-1] = 0.0, 1.0
    return betas
