"""Models of 2x2 states whose answers are known: a centre for each attribute."""

import dataclasses
from typing import ClassVar

import keras
import numpy as np

from ebm_tf.box import UNIT
from ebm_tf.conditions import Numbers, Several
from ebm_tf.energy.custom import as_energy
from ebm_tf.studies.composition import readers
from tests.ebm_tf.studies import known

CENTRE = np.full([1, 4], 0.5, np.float32)


def of_numbers(width, levels=None):
    """Returns `E(x, u, sigma) = |x - u|^2 / (2 v) + d / 2 log v`; see `known.energy`.

    All four coordinates of the centre are the label's one number u.
    """
    x = keras.Input(known.SHAPE, name="x")
    labels = keras.Input((1,), name="labels")
    gap = keras.layers.Flatten()(x) - labels
    energy, given, space = keras.ops.sum(gap * gap, axis=1) / 2.0, [x, labels], None
    if levels is None:
        energy, space = energy / width**2, Numbers(1)
    else:
        sigma = keras.Input((), name="noise_level")
        variance = width**2 + sigma * sigma
        energy = energy / variance + 2.0 * keras.ops.log(variance)
        given.append(sigma)
        space = Several({"labels": Numbers(1), "noise_level": levels})
    made = as_energy(keras.Model(given, energy), known.SHAPE, space)
    made.space = UNIT
    return made


@dataclasses.dataclass(frozen=True, kw_only=True)
class MeansReaderConfig(readers.ReaderConfig):
    """The class is the nearest centre; u the mean of the coordinates."""

    kind: ClassVar[str] = "means_of_a_test"
    names: ClassVar[tuple[str, ...]] = ("u",)

    def make(self, subject):
        return MeansReader({"u": 0.05})


class MeansReader(readers.Reader):
    """See `MeansReaderConfig`."""

    def read(self, stored):
        flat = np.reshape(stored, [len(stored), 4])
        gaps = np.square(flat[:, None] - known.CENTRES).sum(axis=2)
        return {
            readers.CLASS: gaps.argmin(axis=1).astype(np.int32),
            readers.VALID: np.isfinite(flat).all(axis=1),
            "u": flat.mean(axis=1),
        }
