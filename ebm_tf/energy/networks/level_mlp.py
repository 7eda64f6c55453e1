"""Dense layers for points in a few dimensions, at noise levels."""

import dataclasses
from typing import ClassVar

from ebm_tf.energy.config import check_widths
from ebm_tf.energy.networks.levels import LevelConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class LevelMlpConfig(LevelConfig):
    """Dense layers without spectral normalization, on what the base says of a state.

    Attributes:
        widths: Width of each hidden layer.
    """

    kind: ClassVar[str] = "level_mlp"
    widths: tuple[int, ...]

    def __post_init__(self):
        super().__post_init__()
        check_widths("widths", self.widths)

    @classmethod
    def network_class(cls):
        """Returns the class of the networks; imports TensorFlow."""
        from ebm_tf.energy.level_mlp import LevelMlpEnergy

        return LevelMlpEnergy
