"""A U-Net whose outputs are summed up to the energy of an image at a noise level.

[1] Guth, Kadkhodaie and Simoncelli, Learning normalized image densities via dual
    score matching, NeurIPS 2025. https://arxiv.org/abs/2506.05310 (an energy computed
    by a network shaped like a denoiser)
"""

import keras
import tensorflow as tf

from ebm_tf.energy.level_energy import LevelEnergy
from ebm_tf.energy.networks.unet import UNetConfig
from ebm_tf.energy.unet_layers import UNetLayers


@keras.saving.register_keras_serializable(package="ebm_tf")
class UNetEnergy(UNetLayers, LevelEnergy):
    """`sum(u n + m)` over pixels, n and m the outputs of a U-Net; see `UNetConfig`.

    u is the image in units of its spread, noise included, so that the gradient of the
    energy has n itself among its terms, as the output of a denoiser [1].

    Raises:
        ValueError: If the image cannot be halved as often as there are widths.
    """

    config_class = UNetConfig

    def make_layers(self, num_features: int) -> None:
        channels = self.state_shape[-1]
        num_inputs = num_features * channels
        self.make_unet(self.config, self.state_shape, num_inputs, 2 * channels)

    def correction(self, features, embedded):
        outputs = self.unet(features, embedded)
        inner, alone = tf.split(outputs, 2, axis=-1)
        return tf.reduce_sum(features[..., 0] * inner + alone, axis=[1, 2, 3])
