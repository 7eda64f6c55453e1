"""A small classifier of images, to measure samples with."""

from collections.abc import Callable

import keras
import numpy as np

from ebm_tf import checks
from ebm_tf.box import PIXELS, StateSpace

_WIDTHS = (32, 64, 128)


def build_classifier(
    shape: tuple[int, int, int],
    num_classes: int,
    seed: int,
    space: StateSpace = PIXELS,
) -> keras.Model:
    """Returns a new network, from stored images to logits.

    Blocks of a 3x3 convolution and pooling until the picture is less than 8 pixels
    wide or there are three, one more convolution, a hidden layer. For MNIST two
    blocks and 458,570 parameters, which reach 99 % on test within three epochs.

    Args:
        shape: `(H, W, C)` of an image.
        num_classes: Number of classes, >= 2.
        seed: Decides weights and dropout, >= 0.
        space: Of the images: says how they are stored.

    Returns:
        A model, `[B, H, W, C]` as they are stored (levels may be floats) ->
        `[B, num_classes]`; not compiled.

    Raises:
        ValueError: If `shape` is no image's, or there are fewer than two classes.
    """
    checks.require(len(shape) == 3, "shape", "(H, W, C)", shape)
    checks.require_count("num_classes", num_classes, low=2)
    seeds = iter(map(int, np.random.SeedSequence(seed).generate_state(16) >> 1))

    def weights():
        return keras.initializers.HeNormal(seed=next(seeds))

    def convolution(x, width, name):
        return keras.layers.Conv2D(
            width,
            3,
            padding="same",
            activation="relu",
            kernel_initializer=weights(),
            name=name,
        )(x)

    # Names of their own: those that Keras gives depend on what else a process made.
    x = inputs = keras.Input(shape, name="levels")
    x = keras.layers.Rescaling(*_scale_and_offset(space), name="scaled")(x)
    side = min(shape[:2])
    for width in _WIDTHS:
        x = convolution(x, width, f"convolution_{width}")
        x = keras.layers.MaxPooling2D(2, padding="same", name=f"pooling_{width}")(x)
        side = -(-side // 2)
        if side < 8:
            break
    x = keras.layers.Flatten(name="flat")(convolution(x, width, "last_convolution"))
    x = keras.layers.Dropout(0.25, seed=next(seeds), name="dropout_1")(x)
    x = keras.layers.Dense(
        128, activation="relu", kernel_initializer=weights(), name="hidden"
    )(x)
    x = keras.layers.Dropout(0.25, seed=next(seeds), name="dropout_2")(x)
    head = keras.initializers.GlorotUniform(seed=next(seeds))
    logits = keras.layers.Dense(num_classes, kernel_initializer=head, name="logits")(x)
    return keras.Model(inputs, logits, name="classifier")


def _scale_and_offset(space: StateSpace) -> tuple:
    """Returns what takes stored images to [0, 1], or an open space to mean 0, std 1."""
    if space.num_levels is not None:
        return 1 / (space.num_levels - 1.0), 0.0
    if space.is_bounded:
        scale = 1.0 / (space.high - space.low)
        return scale, -space.low * scale
    mean, std = np.asarray(space.mean), np.asarray(space.std)
    return (1.0 / std).tolist(), (-mean / std).tolist()


def class_probs(
    model: keras.Model,
    gather: Callable[[np.ndarray], np.ndarray],
    num: int,
    batch_size: int = 500,
) -> np.ndarray:
    """Returns the probability of each class, image by image.

    Args:
        model: From levels to logits.
        gather: Images of the given indices, uint8 `[B, H, W, C]`; called with
            0 to num - 1 in order, a batch at a time.
        num: Number of images.
        batch_size: Images at a time.

    Returns:
        float32 `[num, num_classes]`, rows that sum to 1.
    """
    rows = []
    for first in range(0, num, batch_size):
        images = gather(np.arange(first, min(first + batch_size, num)))
        logits = model.predict_on_batch(images)
        rows.append(keras.ops.convert_to_numpy(keras.ops.softmax(logits)))
    return np.concatenate(rows)
