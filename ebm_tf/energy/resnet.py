"""The residual networks of the paper, Figure 12, as its released code runs them.

[1] Du and Mordatch, 2019, appendix A.10. https://arxiv.org/abs/1903.08689
"""

import itertools

import keras
import tensorflow as tf

from ebm_tf import conditions
from ebm_tf.energy import layers
from ebm_tf.energy.attention import SelfAttention
from ebm_tf.energy.condition_vectors import ConditionVector
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.networks.resnet import ResNetConfig
from ebm_tf.energy.spectral import NEAR_ZERO_STD, SpectralConv2D


def pooled_kernel(kernel: tf.Tensor) -> tf.Tensor:
    """Folds the mean over 2x2 pixels into the convolution before it.

    Where height and width are even, a 3x3 convolution and then the mean is one 4x4
    convolution of stride 2, with 16 multiplications where the pair has 36.

    Args:
        kernel: Float `[3, 3, in, out]`.

    Returns:
        Float `[4, 4, in, out]`: the mean of `kernel` shifted by 0 or 1 in each
        direction.
    """
    for axis in (0, 1):
        after, before = [[0, 0]] * 4, [[0, 0]] * 4
        after[axis], before[axis] = [0, 1], [1, 0]
        kernel = 0.5 * (tf.pad(kernel, after) + tf.pad(kernel, before))
    return kernel


@keras.saving.register_keras_serializable(package="ebm_tf")
class ResidualBlock(keras.layers.Layer):
    """Two normalized 3x3 convolutions beside a shortcut, activation last.

        h = act(conv_1(x + bias_1))
        h = gain * conv_2(h + bias_2)
        y = act(pool(h + shortcut(x)))

    `conv_2` begins near zero and is normalized only once its norm passes 1, so a
    new block is its shortcut. The biases are added before the convolutions; they and
    the gain depend on the condition, and where there are labels, `gain_shift` is
    added to the gain of each. The shortcut is a normalized 3x3 convolution where the
    number of channels changes and nothing elsewhere; the pool is the mean over 2x2
    pixels if `downsample`, and nothing elsewhere.

    Input shapes: `[B, H, W, C]` and, if conditional, a condition.
    Output shape: `[B, H', W', filters]`, `H' = ceil(H / 2)` if `downsample`.

    Args:
        filters: Output channels.
        downsample: Whether to halve the resolution.
        activation: One of `ebm_tf.energy.config.ACTIVATIONS`.
        initializer: Initial kernel of `conv_1` and of the shortcut; a name or a
            Keras initializer.
        condition_space: What the block depends on besides x, or None.
        **kwargs: For `keras.layers.Layer`.
    """

    def __init__(
        self,
        filters: int,
        downsample: bool,
        activation: str,
        initializer,
        condition_space: conditions.ConditionSpace | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters, self.downsample = filters, downsample
        self.activation = activation
        self.condition_space = condition_space
        self.initializer = keras.initializers.get(initializer)
        self.act = layers.activation(activation)
        self.conv_1 = SpectralConv2D(
            filters, 3, kernel_initializer=self.initializer, name="conv_1"
        )
        self.conv_2 = SpectralConv2D(
            filters,
            3,
            bounded=True,
            kernel_initializer=keras.initializers.RandomNormal(stddev=NEAR_ZERO_STD),
            name="conv_2",
        )
        self.shortcut = None  # made in `build`, which sees the input's channels

    def build(self, x_shape, condition_shape=None):
        channels = x_shape[-1]
        self.bias_1 = ConditionVector(self, "bias_1", channels, "zeros")
        self.bias_2 = ConditionVector(self, "bias_2", self.filters, "zeros")
        self.gain = ConditionVector(self, "gain", self.filters, "ones")
        self.gain_shift = None
        if "labels" in conditions.parts_of(self.condition_space):
            self.gain_shift = self.add_weight(
                name="gain_shift", shape=(self.filters,), initializer="zeros"
            )
        if channels != self.filters:
            self.shortcut = SpectralConv2D(
                self.filters, 3, kernel_initializer=self.initializer, name="shortcut"
            )
            self.shortcut.build(x_shape)
        self.conv_1.build(x_shape)
        self.conv_2.build((*x_shape[:-1], self.filters))

    def call(self, x, condition=None):
        gain, bias_1, bias_2 = (
            vector.at(condition, x.shape.rank)
            for vector in (self.gain, self.bias_1, self.bias_2)
        )
        if self.gain_shift is not None:
            gain += tf.convert_to_tensor(self.gain_shift)
        h = self.act(self.conv_1(x + bias_1))
        # The pool is linear: it may be taken of each term, and within it.
        h = gain * self._conv_and_pool(self.conv_2, h + bias_2)
        return self.act(h + self._conv_and_pool(self.shortcut, x))

    def _conv_and_pool(self, conv, x):
        if not self.downsample:
            return x if conv is None else conv(x)
        if conv is None or x.shape[1] % 2 or x.shape[2] % 2:
            x = x if conv is None else conv(x)
            return tf.nn.avg_pool2d(x, 2, 2, "SAME")
        return tf.nn.conv2d(x, pooled_kernel(conv.normalized_kernel()), 2, "SAME")

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            "downsample": self.downsample,
            "activation": self.activation,
            "initializer": keras.initializers.serialize(self.initializer),
            "condition_space": conditions.to_plain(self.condition_space),
        }

    @classmethod
    def from_config(cls, config):
        space = conditions.from_plain(config["condition_space"])
        return cls(**config | {"condition_space": space})


@keras.saving.register_keras_serializable(package="ebm_tf")
class ResNetEnergy(EnergyModel):
    """A convolution, stages of `ResidualBlock`, sum pooling, the head [1].

    Each stage begins with a block that halves the resolution. Figure 12(a) with 10
    classes on 32x32x3 images has 5,350,529 trainable parameters; see
    `ResNetConfig`.

    Input shapes: `[B, H, W, C]` and, if conditional, a condition. Output shape:
    `[B]`, nats.

    Attributes:
        blocks: The residual blocks, from the image to the head.

    Raises:
        ValueError: When called, if a condition is missing, or given to an
            unconditional model.
    """

    config_class = ResNetConfig

    def __init__(self, config: ResNetConfig, state_shape: tuple[int, ...], **kwargs):
        super().__init__(config, state_shape, **kwargs)
        initializer = layers.kernel_initializer(config.kernel_initializer)
        self.act = layers.activation(config.activation)
        self.head_act = layers.activation(config.head_activation)
        self.stem = SpectralConv2D(
            config.stem_filters, 3, kernel_initializer=initializer, name="stem"
        )
        self.blocks = []
        for stage, num_blocks in enumerate(config.stage_blocks):
            for block in range(num_blocks):
                layer = ResidualBlock(
                    config.stage_filters[stage],
                    downsample=block == 0,
                    activation=config.activation,
                    initializer=initializer,
                    condition_space=self.condition_space,
                    name=f"stage_{stage + 1}_block_{block + 1}",
                )
                self.blocks.append(layer)
        self.attention = None
        if config.attention_stage is not None:
            self.attention = SelfAttention(initializer, name="attention")
        self.head = layers.head(config)
        self.build_weights()

    def call(self, x, condition=None):
        conditions.require_condition(self.condition_space, condition)
        x = self.act(self.stem(x))
        blocks = iter(self.blocks)
        for stage, num_blocks in enumerate(self.config.stage_blocks, 1):
            for block in itertools.islice(blocks, num_blocks):
                x = block(x) if condition is None else block(x, condition)
            if stage == self.config.attention_stage:
                x = self.attention(x)
        x = tf.reduce_sum(self.head_act(x), [1, 2])
        return tf.cast(self.head(x)[:, 0], tf.float32)
