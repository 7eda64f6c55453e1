"""An energy whose classes share no weight."""

import math

import keras
import tensorflow as tf

from ebm_tf.conditions import require_condition
from ebm_tf.energy import layers
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.networks.class_mlp import ClassMlpConfig

# Small, so that energies begin far below a nat; both signs, so that they can rise.
_OUT_STD = 0.3


@keras.saving.register_keras_serializable(package="ebm_tf")
class ClassMlpEnergy(EnergyModel):
    """`E(x, y) = v_y . act(W_y x + b_y) + c_y`; see `ClassMlpConfig`.

    The hidden layers of all classes are one product; a row's gradient reaches the
    weights of its class alone.

    Input shapes: states `[B, ...]` and classes, int32 `[B]`. Output shape: `[B]`,
    nats.
    """

    config_class = ClassMlpConfig

    def __init__(self, config: ClassMlpConfig, state_shape: tuple[int, ...], **kwargs):
        super().__init__(config, state_shape, **kwargs)
        num, width = config.num_classes, config.width
        self.act = layers.activation(config.activation)
        # Of one class, whose inputs are the numbers of a state.
        std = 1.0 / math.sqrt(math.prod(self.state_shape))
        self.hidden = keras.layers.Dense(
            num * width,
            kernel_initializer=keras.initializers.RandomNormal(stddev=std),
            name="hidden",
        )
        draw = keras.initializers.RandomNormal(stddev=_OUT_STD / math.sqrt(width))
        self.out = self.add_weight(name="out", shape=(num, width), initializer=draw)
        self.offset = self.add_weight(name="offset", shape=(num,), initializer="zeros")
        self.build_weights()

    def call(self, x, condition=None):
        require_condition(self.condition_space, condition)
        x = tf.reshape(x, [-1, math.prod(self.state_shape)])
        h = tf.reshape(self.hidden(x), [-1, *self.out.shape])
        h = self.act(tf.gather(h, condition, batch_dims=1))
        out = tf.gather(tf.convert_to_tensor(self.out), condition)
        offset = tf.gather(tf.convert_to_tensor(self.offset), condition)
        return tf.cast(tf.reduce_sum(h * out, axis=1) + offset, tf.float32)
