"""The MNIST network of the released code."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.energy.config import check_layers
from ebm_tf.energy.networks import ConditionConfig, num_of_strided


@dataclasses.dataclass(frozen=True, kw_only=True)
class ConvNetConfig(ConditionConfig):
    """The MNIST network of the released code, at any width.

    A 3x3 convolution to `stem_filters`, three 4x4 convolutions of stride 2 to
    `filters`, `2 * filters` and `4 * filters`, a dense layer of `2 * filters` and
    the head. Unconditional.

    Attributes:
        stem_filters: Width of the first convolution, the one at full resolution;
            the released code's is `filters`.
        filters: Width of the second.
        activation: One of `ACTIVATIONS`.
        kernel_initializer: One of `KERNEL_INITIALIZERS`.
        normalize_head: Whether the head is spectrally normalized too, as the
            paper says (A.10) and its released code does not.
    """

    kind: ClassVar[str] = "convnet"
    num_axes: ClassVar[int] = 3
    stem_filters: int
    filters: int
    activation: str
    kernel_initializer: str
    normalize_head: bool

    def __post_init__(self):
        super().__post_init__()
        checks.require_count("stem_filters", self.stem_filters)
        checks.require_count("filters", self.filters)
        check_layers(self)

    def num_activations(self, state_shape):
        """As `NetworkConfig.num_activations`."""
        filters = self.filters, 2 * self.filters, 4 * self.filters
        total = num_of_strided(state_shape[:-1], self.stem_filters, filters)
        return total + 2 * self.filters

    @classmethod
    def network_class(cls):
        """Returns the class of the networks; imports TensorFlow."""
        from ebm_tf.energy.convnet import ConvEnergy

        return ConvEnergy
