"""Small parts that the networks share: activations, kernels, the head."""

from collections.abc import Callable

import keras
import tensorflow as tf

from ebm_tf.energy import spectral

_LEAK = 0.2  # the released code's slope


def activation(name: str) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns the function that a configuration calls `name`."""
    return {
        "leaky_relu": lambda x: tf.nn.leaky_relu(x, _LEAK),
        "relu": tf.nn.relu,
        "swish": tf.nn.silu,
    }[name]


def kernel_initializer(name: str) -> keras.initializers.Initializer:
    """Returns the initializer that a configuration calls `name`."""
    if name == "unit_normal":
        return keras.initializers.RandomNormal(stddev=1.0)
    return keras.initializers.get(name)


def head(config) -> keras.layers.Layer:
    """Returns the layer that makes the energy out of features, `[B, C] -> [B, 1]`."""
    if config.normalize_head:
        return spectral.SpectralDense(1, name="head")
    return keras.layers.Dense(1, name="head")
