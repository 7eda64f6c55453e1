"""The sum of energies of an image at several resolutions.

[1] Du et al., Improved contrastive divergence training of energy-based models, ICML
    2021, section 3.3. https://arxiv.org/abs/2012.01316
"""

import keras
import tensorflow as tf

from ebm_tf.conditions import require_condition
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.networks.multi_scale import MultiScaleConfig


@keras.saving.register_keras_serializable(package="ebm_tf")
class MultiScaleEnergy(EnergyModel):
    """`E(x) = sum_k E_k(x averaged over blocks of 2**k by 2**k pixels)` [1].

    The networks `E_k` are alike, with weights of their own; see `MultiScaleConfig`.

    Input shapes: `[B, H, W, C]` and, if conditional, a condition. Output shape:
    `[B]`, nats.

    Attributes:
        scales: The networks, that of the full resolution first.
    """

    config_class = MultiScaleConfig

    def __init__(
        self, config: MultiScaleConfig, state_shape: tuple[int, ...], **kwargs
    ):
        super().__init__(config, state_shape, **kwargs)
        height, width, channels = state_shape
        self.scales = []
        for number in range(1, config.num_scales + 1):
            shape = (height, width, channels)
            network = config.network.make(shape, name=f"scale_{number}")
            self.scales.append(network)
            height, width = -(-height // 2), -(-width // 2)
        self.build_weights()

    def call(self, x, condition=None):
        require_condition(self.condition_space, condition)
        total = 0.0
        for index, network in enumerate(self.scales):
            if index:
                x = tf.nn.avg_pool2d(x, 2, 2, "SAME")
            given = (x,) if condition is None else (x, condition)
            total += network(*given)
        return total
