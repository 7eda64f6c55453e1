"""A hidden layer of its own for each class."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.energy.config import ACTIVATIONS
from ebm_tf.energy.networks import NetworkConfig

_MAX_CLASSES = 1000


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassMlpConfig(NetworkConfig):
    """One hidden layer for each class: what a class learns changes no other.

    States of several axes have their numbers put in a row. Nothing is normalized:
    the size of a kernel would be one number of all classes.

    Attributes:
        num_classes: How many, 2 to 1,000.
        width: Of the hidden layer of one class.
        activation: One of `ACTIVATIONS`.
    """

    kind: ClassVar[str] = "class_mlp"
    num_classes: int
    width: int
    activation: str = "swish"

    def __post_init__(self):
        checks.require_count("num_classes", self.num_classes, low=2, high=_MAX_CLASSES)
        checks.require_count("width", self.width)
        checks.require_choice("activation", self.activation, ACTIVATIONS)

    def num_activations(self, state_shape):
        """As `NetworkConfig.num_activations`."""
        return self.num_classes * self.width

    @classmethod
    def network_class(cls):
        """Returns the class of the networks; imports TensorFlow."""
        from ebm_tf.energy.class_mlp import ClassMlpEnergy

        return ClassMlpEnergy
