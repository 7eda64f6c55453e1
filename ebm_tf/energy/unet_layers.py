"""The layers of a U-Net that sees all places at its coarsest resolution.

[1] Tolstikhin et al., MLP-Mixer, NeurIPS 2021. https://arxiv.org/abs/2105.01601
    (a dense layer over places)
"""

import math

import keras
import tensorflow as tf

from ebm_tf import checks

_KERNEL = "lecun_normal"


class _Block(keras.layers.Layer):
    """A residual block: two 3x3 convolutions, zero at first, told level and class."""

    def __init__(self, width: int, **kwargs):
        super().__init__(**kwargs)
        self.first = keras.layers.Conv2D(
            width, 3, padding="same", kernel_initializer=_KERNEL, name="first"
        )
        self.second = keras.layers.Conv2D(
            width, 3, padding="same", kernel_initializer="zeros", name="second"
        )
        self.told = keras.layers.Dense(
            2 * width, kernel_initializer="zeros", name="told"
        )

    def call(self, x, embedded):
        told = self.told(embedded)[:, tf.newaxis, tf.newaxis]
        gain, bias = tf.split(told, 2, axis=-1)
        hidden = self.first(tf.nn.silu(x))
        return x + self.second(tf.nn.silu(hidden * (1.0 + gain) + bias))


class _Mixer(keras.layers.Layer):
    """A residual layer in which every place hears from all others [1]."""

    def __init__(self, places: int, width: int, **kwargs):
        super().__init__(**kwargs)
        self._places, self._width = places, width
        self.gain = keras.layers.Dense(width, kernel_initializer="zeros", name="gain")
        self.first = keras.layers.Dense(
            2 * places, "silu", kernel_initializer=_KERNEL, name="first"
        )
        self.second = keras.layers.Dense(
            places, kernel_initializer="zeros", name="second"
        )

    def call(self, x, embedded):
        y = x * (1.0 + self.gain(embedded)[:, tf.newaxis, tf.newaxis])
        y = tf.reshape(y, [-1, self._places, self._width])
        y = self.second(self.first(tf.transpose(y, [0, 2, 1])))
        return x + tf.reshape(tf.transpose(y, [0, 2, 1]), tf.shape(x))


class UNetLayers:
    """What energies that are U-Nets share: a model that derives from it has the layers.

    They are attributes of the model itself, as files name weights after those.
    """

    def make_unet(self, config, shape, num_inputs: int, num_outputs: int) -> None:
        """Makes the layers.

        Args:
            config: A `UNetSizes`.
            shape: Of a state, `(H, W, C)`.
            num_inputs: Channels that the network sees.
            num_outputs: Channels of what it says of each pixel.

        Raises:
            ValueError: If the image cannot be halved as often as there are widths.
        """
        side = config.side
        rule = f"of height and width divisible by {side}, for this patch and widths"
        fits = all(length % side == 0 for length in shape[:2])
        checks.require(fits, "state_shape", rule, shape)
        self._unet_inputs = (*shape[:2], num_inputs)
        height, width = (length // config.patch for length in shape[:2])
        first = config.widths[0]
        conv = {"padding": "same", "kernel_initializer": _KERNEL}
        size = 3 if config.patch == 1 else 2 * config.patch
        self.stem = keras.layers.Conv2D(first, size, config.patch, name="stem", **conv)
        self.places = self.add_weight(
            name="places", shape=(height, width, first), initializer="zeros"
        )
        self.downs = [
            keras.layers.Conv2D(width, 2, 2, name=f"down_{level}", **conv)
            for level, width in enumerate(config.widths[1:], 1)
        ]
        self.ups = [
            keras.layers.Conv2DTranspose(width, 2, 2, name=f"up_{level}", **conv)
            for level, width in enumerate(config.widths[:-1])
        ]
        self.encoder, self.decoder = (
            [
                [_Block(width, name=f"{way}_{level}_{i}") for i in range(config.blocks)]
                for level, width in enumerate(config.widths[:-1])
            ]
            for way in ("encoder", "decoder")
        )
        last, middle = config.widths[-1], range(config.middle_blocks)
        coarse = math.prod(shape[:2]) // side**2
        self.middle = [_Block(last, name=f"middle_{i}") for i in middle]
        self.mixers = [_Mixer(coarse, last, name=f"mixer_{i}") for i in middle]
        self.head = keras.layers.Conv2DTranspose(
            num_outputs,
            size,
            config.patch,
            padding="same",
            kernel_initializer="zeros",
            name="head",
        )

    def unet(self, x: tf.Tensor, embedded: tf.Tensor) -> tf.Tensor:
        """Returns what the network says of each pixel, `[B, H, W, num_outputs]`.

        Args:
            x: What it sees, `[B * H * W * num_inputs]` numbers in any shape.
            embedded: Told to every layer, `[B, width]`.
        """
        x = tf.reshape(x, [-1, *self._unet_inputs])
        x = self.stem(x) + tf.convert_to_tensor(self.places)
        seen = []
        for level, down in enumerate(self.downs):
            for block in self.encoder[level]:
                x = block(x, embedded)
            seen.append(x)
            x = down(x)
        for block, mixer in zip(self.middle, self.mixers, strict=True):
            x = mixer(block(x, embedded), embedded)
        for level in reversed(range(len(self.ups))):
            x = self.ups[level](x) + seen[level]
            for block in self.decoder[level]:
                x = block(x, embedded)
        return self.head(tf.nn.silu(x))
