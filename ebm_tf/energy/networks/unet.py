"""A network shaped like a denoiser, for images at noise levels."""

import dataclasses
from typing import ClassVar

from ebm_tf.energy.networks.levels import LevelConfig
from ebm_tf.energy.networks.unet_sizes import UNetSizes


@dataclasses.dataclass(frozen=True, kw_only=True)
class UNetConfig(UNetSizes, LevelConfig):
    """A U-Net whose output, one number a pixel, is summed up to an energy.

    Without spectral normalization.
    """

    kind: ClassVar[str] = "unet"

    @classmethod
    def network_class(cls):
        """Returns the class of the networks; imports TensorFlow."""
        from ebm_tf.energy.unet import UNetEnergy

        return UNetEnergy
