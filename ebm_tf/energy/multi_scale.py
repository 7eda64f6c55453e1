"""The sum of energies of an image at several resolutions.

[1] Du et al., Improved contrastive divergence training of energy-based models, ICML
    2021, section 3.3. https://arxiv.org/abs/2012.01316
"""

import keras
import tensorflow as tf

from ebm_tf.conditions import require_condition
from ebm_tf.energy.config import MultiScaleConfig
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.resnet import ResNetEnergy


@keras.saving.register_keras_serializable(package="ebm_tf")
class MultiScaleEnergy(EnergyModel):
    """`E(x) = sum_k E_k(x averaged over blocks of 2**k by 2**k pixels)` [1].

    The networks `E_k` are alike, with weights of their own; see `MultiScaleConfig`.

    Input shapes: `[B, H, W, C]` and, if conditional, labels. Output shape: `[B]`,
    nats.
    """

    config_class = MultiScaleConfig

    def __init__(
        self, config: MultiScaleConfig, state_shape: tuple[int, ...], **kwargs
    ):
        super().__init__(config, state_shape, **kwargs)
        height, width, channels = state_shape
        # One attribute each: tf.train.Checkpoint does not look into Python lists.
        for index in range(config.num_scales):
            name = f"scale_{index + 1}"
            shape = (height, width, channels)
            setattr(self, name, ResNetEnergy(config.network, shape, name=name))
            height, width = -(-height // 2), -(-width // 2)
        self.build_weights()

    @property
    def scales(self) -> list[ResNetEnergy]:
        """The networks, that of the full resolution first."""
        names = [f"scale_{index + 1}" for index in range(self.config.num_scales)]
        return [getattr(self, name) for name in names]

    def call(self, x, labels=None):
        require_condition(self.condition_space, labels)
        total = 0.0
        for index, network in enumerate(self.scales):
            if index:
                x = tf.nn.avg_pool2d(x, 2, 2, "SAME")
            total += network(x) if labels is None else network(x, labels)
        return total
