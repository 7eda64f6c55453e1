"""The model of the page: its energy, compiled once, and what it is of.

TensorFlow is imported here.
"""

import math
import os
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ebm_tf import checks, conditions, pretrained
from ebm_tf.data.shards import Examples
from ebm_tf.plots import grid
from ebm_tf.sampling.samplers import SamplerConfig

from ..settings import sections
from ..stages import networks
from ..store import artifacts

# Sizes of one of these are a picture, or two numbers, a point.
IMAGE, POINT, OTHER = "image", "point", "other"


class Compiled:
    """A network whose calls are compiled; all else is the network's own.

    Samplers run on it step by step, without a graph of their own, so that no other
    setting of theirs is compiled anew.

    Args:
        model: An `EnergyModel`.
    """

    def __init__(self, model):
        self._model = model
        self._call = tf.function(lambda x, c: model(x, c), autograph=False)

    def __call__(self, x, condition=None):
        return self._call(x, condition)

    def __getattr__(self, name):
        return getattr(self._model, name)


class Subject(NamedTuple):
    """A model that chains run on.

    Attributes:
        name: What the page calls it.
        energy: The network, compiled.
        sampler: The sampler of its own settings.
        class_names: Of its classes; none for another model.
        examples: Folder of the run's examples, or None.
    """

    name: str
    energy: Compiled
    sampler: SamplerConfig
    class_names: tuple[str, ...] = ()
    examples: str | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one state."""
        return tuple(self.energy.state_shape)

    @property
    def state_bytes(self) -> int:
        """Bytes of one state as it is stored."""
        return math.prod(self.shape) * self.space.storage_dtype.size

    @property
    def space(self):
        """The state space."""
        return self.energy.space

    @property
    def shown_as(self) -> str:
        """What a state is shown as: `IMAGE`, `POINT` or `OTHER`."""
        if grid.can_show(self.shape):
            return IMAGE
        return POINT if self.shape == (2,) else OTHER

    @property
    def levels(self):
        """The noise levels that the energy depends on, or None."""
        return conditions.parts_of(self.energy.condition_space).get("noise_level")

    @property
    def labels(self):
        """The labels that it depends on, `Classes` or `Numbers`; or None."""
        return conditions.parts_of(self.energy.condition_space).get("labels")

    def example(self, number: int) -> np.ndarray:
        """Returns a test example as it is stored, `shape`; they begin anew at the end.

        Raises:
            FileNotFoundError: If the run has none.
            ValueError: If they are of another shape, or damaged.
        """
        checks.require_count("seed", number, low=0)
        path = os.path.join(self.examples or "", "test")
        if self.examples is None or not os.path.isdir(path):
            raise checks.MissingFileError("this run has no examples")
        found = Examples(path)
        mine = found.shape, found.dtype
        wanted = self.shape, self.space.storage_dtype.as_numpy_dtype
        checks.require(mine == wanted, "examples", f"of {wanted}", mine)
        return found.gather(np.array([number % found.num_examples]))[0][0]


def is_there(path: str) -> bool:
    """Returns whether the folder of a `model` has one."""
    return os.path.exists(os.path.join(path, artifacts.MANIFEST))


def load(path: str, examples: str | None = None) -> Subject:
    """Returns the model in a folder of the artifact `model`.

    Args:
        path: The folder.
        examples: Folder of the examples of the run, there or not; or None.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it is damaged, or of settings that are not known.
    """
    made = artifacts.load(path, "model")
    sampler = sections.read(made.config, ["sample"]).sample.sampler
    shipped = pretrained.name_of(path)
    run = os.path.basename(os.path.dirname(os.path.abspath(path)))
    return Subject(
        name=shipped or run,
        energy=Compiled(networks.load(made)),
        sampler=sampler,
        class_names=tuple(made.details["class_names"] or ()),
        examples=examples,
    )
