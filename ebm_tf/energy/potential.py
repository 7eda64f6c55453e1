"""A U-Net whose outputs are summed up to one energy for any amount of noise."""

import keras
import tensorflow as tf

from ebm_tf import conditions
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.networks.potential import PotentialConfig
from ebm_tf.energy.unet_layers import UNetLayers

# Added to mean squares before their logarithm: (0.001 of a state's unit)**2.
_LEAST_SQUARE = 1e-6


@keras.saving.register_keras_serializable(package="ebm_tf")
class PotentialEnergy(UNetLayers, EnergyModel):
    """`sum(x n + m)` over pixels, n and m the outputs of a U-Net.

    See `PotentialConfig`. 0 before training.

    Input shapes: `[B, H, W, C]` and, if conditional, a condition. Output shape:
    `[B]`, nats.

    Raises:
        ValueError: If the image cannot be halved as often as there are widths.
    """

    config_class = PotentialConfig

    def __init__(self, config: PotentialConfig, state_shape: tuple[int, ...], **kwargs):
        super().__init__(config, state_shape, **kwargs)
        channels = self.state_shape[-1]
        kernel = {"kernel_initializer": "lecun_normal"}
        self.filters = keras.layers.Conv2D(
            config.embedding // 2 + 1, 3, padding="same", name="filters", **kernel
        )
        dense = {"activation": "silu", **kernel}
        self.hidden = keras.layers.Dense(config.embedding, name="hidden", **dense)
        self.out = keras.layers.Dense(config.embedding, name="out", **dense)
        self._labels = conditions.parts_of(self.condition_space).get("labels")
        self.table = None
        if self._labels is not None:
            shape = (self._labels.num_rows, config.embedding)
            self.table = self.add_weight(name="table", shape=shape, initializer="zeros")
        self.make_unet(config, self.state_shape, channels, 2 * channels)
        self.build_weights()

    def call(self, x, condition=None):
        conditions.require_condition(self.condition_space, condition)
        outputs = self.unet(x, self._embedded(x, condition))
        inner, alone = tf.split(outputs, 2, axis=-1)
        total = tf.cast(x, inner.dtype) * inner + alone
        return tf.reduce_sum(tf.cast(total, tf.float32), axis=[1, 2, 3])

    def _embedded(self, x, condition) -> tf.Tensor:
        squares = tf.reduce_mean(tf.square(self.filters(x)), axis=[1, 2])
        hidden = self.hidden(0.5 * tf.math.log(squares + _LEAST_SQUARE))
        if self.table is not None:
            table = tf.convert_to_tensor(self.table)
            hidden += self._labels.of_table(table, condition)
        return self.out(hidden)
