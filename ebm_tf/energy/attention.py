"""Self-attention over the places of an image.

[1] Zhang et al., Self-attention generative adversarial networks, ICML 2019.
    https://arxiv.org/abs/1805.08318
"""

import keras
import tensorflow as tf

from ebm_tf.energy.spectral import SpectralConv2D

# Queries and keys have this many times fewer channels than the image [1].
_REDUCTION = 8


@keras.saving.register_keras_serializable(package="ebm_tf")
class SelfAttention(keras.layers.Layer):
    """`x + gamma * attention(x)`, gamma from zero: a new layer changes nothing [1].

        a = softmax(query(x) key(x)^T)     over all places, unscaled
        y = x + gamma * (a value(x))

    Query, key and value are 1x1 convolutions of spectral norm 1. Attention has no
    bound on its slope, unlike every other layer here: dot products grow with x.

    Input and output shape: `[B, H, W, C]`. Memory grows with `(H * W)**2`.

    Args:
        initializer: Initial kernels; a name or a Keras initializer.
        **kwargs: For `keras.layers.Layer`.
    """

    def __init__(self, initializer, **kwargs):
        super().__init__(**kwargs)
        self.initializer = keras.initializers.get(initializer)

    def build(self, x_shape):
        def conv(filters, name):
            layer = SpectralConv2D(
                filters, 1, kernel_initializer=self.initializer, name=name
            )
            layer.build(x_shape)
            return layer

        channels = x_shape[-1]
        self.query = conv(max(channels // _REDUCTION, 1), "query")
        self.key = conv(max(channels // _REDUCTION, 1), "key")
        self.value = conv(channels, "value")
        self.gamma = self.add_weight(name="gamma", shape=(), initializer="zeros")

    def call(self, x):
        places = x.shape[1] * x.shape[2]

        def flat(conv):
            y = conv(x)
            return tf.reshape(y, [-1, places, y.shape[-1]])

        scores = tf.matmul(flat(self.query), flat(self.key), transpose_b=True)
        weights = tf.nn.softmax(tf.cast(scores, tf.float32))
        y = tf.matmul(tf.cast(weights, x.dtype), flat(self.value))
        return x + tf.convert_to_tensor(self.gamma) * tf.reshape(y, tf.shape(x))

    def get_config(self):
        return super().get_config() | {
            "initializer": keras.initializers.serialize(self.initializer)
        }
