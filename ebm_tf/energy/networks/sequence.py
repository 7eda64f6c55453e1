"""Convolutions in time."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.energy.config import check_layers, check_widths
from ebm_tf.energy.networks import ConditionConfig, num_of_strided


@dataclasses.dataclass(frozen=True, kw_only=True)
class SequenceConfig(ConditionConfig):
    """Convolutions in time, for sequences of states `[T, D]`.

    A convolution to the first width, then one of stride 2 to each width, the sum over
    time, the head.

    Attributes:
        filters: Width of each convolution of stride 2.
        kernel_size: Moments that a convolution sees.
        activation: One of `ACTIVATIONS`.
        kernel_initializer: One of `KERNEL_INITIALIZERS`.
        normalize_head: Whether the head is spectrally normalized too.
    """

    kind: ClassVar[str] = "sequence"
    num_axes: ClassVar[int] = 2
    filters: tuple[int, ...]
    kernel_size: int
    activation: str
    kernel_initializer: str
    normalize_head: bool

    def __post_init__(self):
        super().__post_init__()
        check_widths("filters", self.filters)
        checks.require_count("kernel_size", self.kernel_size)
        check_layers(self)

    def num_activations(self, state_shape):
        """As `NetworkConfig.num_activations`."""
        stem, places = self.filters[0], state_shape[:-1]
        return num_of_strided(places, stem, self.filters)

    @classmethod
    def network_class(cls):
        """Returns the class of the networks; imports TensorFlow."""
        from ebm_tf.energy.sequence import SequenceEnergy

        return SequenceEnergy
