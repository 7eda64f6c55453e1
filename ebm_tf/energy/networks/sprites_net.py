"""The dSprites network of the released code."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.energy.config import check_layers
from ebm_tf.energy.networks import ConditionConfig, num_of_strided


@dataclasses.dataclass(frozen=True, kw_only=True)
class SpritesNetConfig(ConditionConfig):
    """The dSprites network of the released code, at any width.

    A 3x3 convolution to `filters / 2`, four 4x4 convolutions of stride 2 to
    `filters`, `2 * filters`, `2 * filters` and `2 * filters`, a dense layer of
    `2 * filters` and the head. Labels act as biases before the four, and as the gain
    after the third of them.

    Attributes:
        filters: 64 in the released code; even.
        activation: One of `ACTIVATIONS`.
        kernel_initializer: One of `KERNEL_INITIALIZERS`.
        normalize_head: Whether the head is spectrally normalized too.
    """

    kind: ClassVar[str] = "sprites_net"
    num_axes: ClassVar[int] = 3
    filters: int
    activation: str
    kernel_initializer: str
    normalize_head: bool

    def __post_init__(self):
        super().__post_init__()
        checks.require_count("filters", self.filters)
        checks.require(self.filters % 2 == 0, "filters", "even", self.filters)
        check_layers(self)

    def num_activations(self, state_shape):
        """As `NetworkConfig.num_activations`."""
        width = 2 * self.filters
        filters = self.filters, width, width, width
        total = num_of_strided(state_shape[:-1], self.filters // 2, filters)
        return total + width

    @classmethod
    def network_class(cls):
        """Returns the class of the networks; imports TensorFlow."""
        from ebm_tf.energy.sprites_net import SpritesNetEnergy

        return SpritesNetEnergy
