"""Small parts that the networks share: activations, kernels, labels, the head."""

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


def vectors(layer, name: str, channels: int, initializer: str) -> keras.Variable:
    """Adds the weight that `of_labels` reads: a row for each class or number.

    Args:
        layer: Whose weight it is; its attribute `labels` says what labels are.
        name: Of the weight.
        channels: C.
        initializer: Of each row.

    Returns:
        `[C]` where `labels` is None, else `[rows, C]`.
    """
    space = layer.condition_space
    rows = () if space is None else (space.num_rows,)
    return layer.add_weight(name=name, shape=(*rows, channels), initializer=initializer)


def of_labels(weight: keras.Variable, labels: tf.Tensor | None) -> tf.Tensor:
    """Returns the vector of each image: its class's row, or its numbers times the rows.

    Args:
        weight: What `vectors` added.
        labels: int32 `[B]`, float `[B, K]`, or None.

    Returns:
        `[B, 1, 1, C]`, or `[C]` without labels.
    """
    value = tf.convert_to_tensor(weight)
    if labels is None:
        return value
    if labels.dtype.is_integer:
        value = tf.gather(value, labels)
    else:
        value = tf.matmul(tf.cast(labels, value.dtype), value)
    return value[:, None, None, :]
