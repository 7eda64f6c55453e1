"""How unlike the data an image is, by an energy: higher is more unlike.

- `energy`: E(x).
- `typicality`: |E(x) - mean E of training images|: images that are too likely count too
  (Nalisnick et al., 2019, https://arxiv.org/abs/1906.02994).
- `slope`: |dE/dx|: data lie where it is flat (Grathwohl et al., 2020,
  https://arxiv.org/abs/1912.03263).
- `levels`: of an energy of noise levels, how far its values over the levels are from
  those of training images, in standard deviations of these (Mahalanobis, 1936).
"""

import numpy as np
import tensorflow as tf

from ebm_tf import conditions, rng
from ebm_tf.studies.common import energies
from ebm_tf.studies.contract import Subject

NAMES = ("energy", "typicality", "slope")
# Added to the covariance over levels, as a share of its diagonal.
_RIDGE = 1e-3


class Scores:
    """The scores of a model, compared with its training images.

    Args:
        subject: The model.
        train: Training images as they are stored.
        level: The noise level of the first scores; None for the lowest.
        num_levels: Levels of the score `levels`.
        seed: `int32[2]`; of dequantization and noise.
    """

    def __init__(self, subject: Subject, train, level, num_levels: int, seed):
        self._subject, self._level, self._seed = subject, level, seed
        self._evaluator = energies.Evaluator(subject)
        found = conditions.parts_of(subject.energy.condition_space).get("noise_level")
        self._levels = None
        if found is not None:
            self._levels = np.geomspace(found.high, found.low, num_levels)
        self.names = NAMES if self._levels is None else (*NAMES, "levels")
        x = self._decoded(train, 0)
        self._mean_energy = self._evaluator.energies(x, level=level).mean()
        if self._levels is not None:
            self._fit(self._over_levels(x, 0))

    def of(self, stored: np.ndarray, number: int) -> np.ndarray:
        """Returns the scores of images, float64 `[N, S]`, in the order of `names`.

        Args:
            stored: As they are stored, `[N, H, W, C]`.
            number: Of the set, at least 1: each has its own noise.
        """
        x = self._decoded(stored, number)
        energy = self._evaluator.energies(x, level=self._level)
        found = [energy, np.abs(energy - self._mean_energy)]
        found.append(self._evaluator.slopes(x, level=self._level))
        if self._levels is not None:
            gap = self._over_levels(x, number) - self._mean
            found.append(np.sqrt(np.einsum("ni,ij,nj->n", gap, self._precision, gap)))
        return np.stack(found, axis=1)

    def _decoded(self, stored, number) -> np.ndarray:
        return energies.decoded(self._subject, stored, rng.fold_in(self._seed, number))

    def _over_levels(self, x, number) -> np.ndarray:
        seed = rng.fold_in(rng.fold_in(self._seed, number), 1)
        found = []
        for index, level in enumerate(self._levels):
            noise = rng.normal(rng.fold_in(seed, index), x.shape).numpy()
            y = x + np.float32(level) * noise
            found.append(self._evaluator.energies(y, level=float(level)))
        return np.stack(found, axis=1)

    def _fit(self, values: np.ndarray) -> None:
        self._mean = values.mean(axis=0)
        covariance = np.cov(values, rowvar=False)
        covariance += _RIDGE * np.diag(np.diag(covariance))
        self._precision = np.linalg.inv(covariance)


def stored_of(images: np.ndarray, space) -> np.ndarray:
    """Returns images of [0, 1] as a box stores its states."""
    x = space.low + images * (space.high - space.low)
    return space.encode(tf.constant(x, tf.float32)).numpy()
