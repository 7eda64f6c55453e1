"""What simpler predictors say of the unknown moments of a trajectory."""

import numpy as np
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsRegressor


def known_moments(num_moments: int, num_start: int, num_end: int) -> np.ndarray:
    """Returns which moments are known, bool `[T]`."""
    moment = np.arange(num_moments)
    return (moment < num_start) | (moment >= num_moments - num_end)


def predictions(
    train: np.ndarray, test: np.ndarray, is_known: np.ndarray, num_neighbours: int
) -> dict[str, np.ndarray]:
    """Returns the unknown moments as predictors see them, by name.

    Args:
        train: Whole trajectories, `[N, T, D]`.
        test: Trajectories of which the known moments are looked at, `[M, T, D]`.
        is_known: Bool `[T]`.
        num_neighbours: Of the mean of several, at most N.

    Returns:
        Each `[M, U, D]`, of the U unknown moments: the "mean" of the training set, a
        "straight line" between the nearest known moments, "linear" regression on all
        known numbers, and the training trajectories whose known moments are the
        nearest: "nearest", and the mean of several, "neighbours".
    """
    shape = (len(test), int(np.sum(~is_known)), test.shape[2])
    known, asked = (_rows(each[:, is_known]) for each in (train, test))
    unknown = _rows(train[:, ~is_known])
    fits = {
        "linear": LinearRegression(),
        "nearest": KNeighborsRegressor(1),
        "neighbours": KNeighborsRegressor(num_neighbours),
    }
    found = {
        "mean": np.broadcast_to(unknown.mean(axis=0), (len(test), unknown.shape[1])),
        "straight line": _straight(test, is_known),
    }
    for name, fit in fits.items():
        found[name] = fit.fit(known, unknown).predict(asked)
    return {name: np.reshape(each, shape) for name, each in found.items()}


def _rows(x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), -1).astype(np.float64)


def _straight(test, is_known) -> np.ndarray:
    """Beyond the last known moment, and before the first, it stays where it is."""
    moments, known = np.flatnonzero(~is_known), np.flatnonzero(is_known)
    after = np.searchsorted(known, moments)
    left = known[np.maximum(after - 1, 0)]
    right = known[np.minimum(after, len(known) - 1)]
    width = np.maximum(right - left, 1)
    part = np.clip((moments - left) / width, 0.0, 1.0)[:, None]
    return (1.0 - part) * test[:, left] + part * test[:, right]


class LinearLaw:
    """The next moment as a linear function of this one, fitted to trajectories.

    Args:
        train: `[N, T, D]`, T at least 2.
    """

    def __init__(self, train: np.ndarray):
        pairs = (_pairs(train[:, :-1]), _pairs(train[:, 1:]))
        self._fit = LinearRegression().fit(*pairs)

    def errors(self, x: np.ndarray) -> np.ndarray:
        """Returns the root mean squared error of each trajectory, `[N]`."""
        told = self._fit.predict(_pairs(x[:, :-1])).reshape(x[:, 1:].shape)
        return np.sqrt(np.square(told - x[:, 1:]).mean(axis=(1, 2)))


def _pairs(x: np.ndarray) -> np.ndarray:
    return x.reshape(-1, x.shape[2]).astype(np.float64)
