"""Dense layers, for points in a few dimensions."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.energy.config import check_layers, check_widths
from ebm_tf.energy.networks import ConditionConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class MlpConfig(ConditionConfig):
    """Dense layers with spectral normalization, for points in a few dimensions.

    States of several axes have their numbers put in a row.

    Attributes:
        widths: Width of each hidden layer.
        scale: Factor on the input; with every layer's slope at most 1, it and the
            head decide how steep the energy can be.
        activation: One of `ACTIVATIONS`.
        kernel_initializer: One of `KERNEL_INITIALIZERS`.
        normalize_head: Whether the head is spectrally normalized too.
    """

    kind: ClassVar[str] = "mlp"
    widths: tuple[int, ...]
    scale: float
    activation: str
    kernel_initializer: str
    normalize_head: bool

    def __post_init__(self):
        super().__post_init__()
        check_widths("widths", self.widths)
        checks.require_number("scale", self.scale, above=0)
        check_layers(self)

    def num_activations(self, state_shape):
        """As `NetworkConfig.num_activations`."""
        return sum(self.widths)

    @classmethod
    def network_class(cls):
        """Returns the class of the networks; imports TensorFlow."""
        from ebm_tf.energy.mlp import MlpEnergy

        return MlpEnergy
