"""EfficientNet-lite0, whose last hidden layer are features of colour images.

Blocks as of EfficientNet-B0 without squeeze and excitation, with ReLU6 for swish:
4.7 million parameters, 0.4 thousand million multiply-adds an image. Batch normalization
is by the stored means, so that images do not depend on each other.

References: Tan & Le, 2019; the lite variants: the TensorFlow authors, 2020.
"""

from collections.abc import Iterator, Mapping

import keras
import numpy as np
import tensorflow as tf

from ebm_tf import checks

# Height and width of the images that it takes, and how they are scaled: the network
# was trained on (levels - 127) / 128.
SIZE, WIDTH, NUM_CLASSES = 224, 1280, 1000
_SCALE, _OFFSET = 1.0 / 128.0, -127.0 / 128.0
_EPSILON = 1e-3
# Blocks, size of the kernel, stride of the first, expansion, channels.
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_NORMS = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}
_UNUSED = "num_batches_tracked"


def build_network(size: int = SIZE) -> keras.Model:
    """Returns the network, its weights drawn at random.

    Args:
        size: Height and width of the images.

    Returns:
        A model from colours, float32 `[B, size, size, 3]` in [0, 255], to the last
        hidden layer `[B, 1280]` and logits `[B, 1000]`. Its layers have the names of
        the tensors in the published file, without their last word.
    """
    x = inputs = keras.Input((size, size, 3), name="colours")
    x = keras.layers.Rescaling(_SCALE, _OFFSET, name="scaled")(x)
    x = _convolved(x, 32, 3, 2, "_conv_stem", "_bn0")
    number, channels = 0, 32
    for num_blocks, kernel, stride, expansion, width in _STAGES:
        for block in range(num_blocks):
            first = stride if block == 0 else 1
            y = _block(x, kernel, first, expansion * channels, width, number)
            x = keras.layers.Add()([x, y]) if first == 1 and channels == width else y
            number, channels = number + 1, width
    x = _convolved(x, WIDTH, 1, 1, "_conv_head", "_bn1")
    hidden = keras.layers.GlobalAveragePooling2D(name="hidden")(x)
    logits = keras.layers.Dense(NUM_CLASSES, name="_fc")(hidden)
    return keras.Model(inputs, [hidden, logits], name="efficientnet_lite0")


def _convolved(x, width: int, kernel: int, stride: int, name: str, norm: str):
    x = keras.layers.Conv2D(
        width, kernel, stride, padding="same", use_bias=False, name=name
    )(x)
    return keras.layers.ReLU(6.0)(_normalized(x, norm))


def _normalized(x, name: str):
    return keras.layers.BatchNormalization(epsilon=_EPSILON, name=name)(x)


def _block(x, kernel: int, stride: int, expanded: int, width: int, number: int):
    """Returns a block that widens, convolves each channel by itself, and narrows."""
    name = f"_blocks.{number}."
    if expanded != x.shape[-1]:
        x = _convolved(x, expanded, 1, 1, f"{name}_expand_conv", f"{name}_bn0")
    x = keras.layers.DepthwiseConv2D(
        kernel, stride, padding="same", use_bias=False, name=f"{name}_depthwise_conv"
    )(x)
    x = keras.layers.ReLU(6.0)(_normalized(x, f"{name}_bn1"))
    x = keras.layers.Conv2D(width, 1, use_bias=False, name=f"{name}_project_conv")(x)
    return _normalized(x, f"{name}_bn2")


def shapes(network: keras.Model) -> dict[str, tuple[int, ...]]:
    """Returns the shape of every tensor of the published file, by name.

    Args:
        network: Of `build_network`.
    """
    return {
        name: _torch_shape(layer, variable)
        for name, layer, variable in _variables(network)
    }


def _variables(network: keras.Model) -> Iterator[tuple]:
    """Yields the name that torch gives a variable, its layer and the variable."""
    for layer in network.layers:
        words = {"kernel": "weight", "bias": "bias"}
        if isinstance(layer, keras.layers.BatchNormalization):
            words = {ours: theirs for theirs, ours in _NORMS.items()}
        for variable in layer.weights:
            yield f"{layer.name}.{words[variable.name]}", layer, variable


# Of the axes of our kernels: their places in torch's.
_AXES = {
    keras.layers.Conv2D: (3, 2, 0, 1),
    keras.layers.DepthwiseConv2D: (2, 3, 0, 1),
    keras.layers.Dense: (1, 0),
}


def _axes(layer, variable) -> tuple[int, ...]:
    is_kernel = len(variable.shape) > 1
    return _AXES[type(layer)] if is_kernel else (0,)


def _torch_shape(layer, variable) -> tuple[int, ...]:
    return tuple(variable.shape[axis] for axis in _axes(layer, variable))


def set_weights(
    network: keras.Model, tensors: Mapping[str, np.ndarray], path: str
) -> None:
    """Gives the network the weights of a file.

    Args:
        network: Of `build_network`.
        tensors: By name, as `torch_files.read_tensors` returns them.
        path: Of the file, for messages.

    Raises:
        ValueError: If they are the tensors of another network, or not finite.
    """
    wanted = shapes(network)
    given = {
        name: array.shape
        for name, array in tensors.items()
        if not name.endswith(_UNUSED)
    }
    other = sorted(set(wanted.items()) ^ set(given.items()))
    if other:
        (name, shape), num = other[0], len({name for name, _ in other})
        raise checks.InvalidValueError(
            f"{path} holds the weights of another network than EfficientNet-lite0: "
            f"{num} tensors differ, such as {name}, {shape}"
        )
    for name, layer, variable in _variables(network):
        array = tensors[name]
        checks.require(bool(np.all(np.isfinite(array))), name, "finite", path)
        variable.assign(np.transpose(array, np.argsort(_axes(layer, variable))))


def resized(colours: tf.Tensor, size: int = SIZE) -> tf.Tensor:
    """Returns images, float32 `[B, H, W, 3]`, of another height and width.

    Bilinear; where images become smaller, over all the pixels that become one.
    """
    return tf.image.resize(colours, (size, size), antialias=True)
