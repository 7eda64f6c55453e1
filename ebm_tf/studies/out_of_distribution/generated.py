"""Images of other kinds that need no data set: made from a seed."""

import numpy as np


def uniform_noise(num: int, shape, random: np.random.Generator) -> np.ndarray:
    """Returns images of noise, uniform in [0, 1], `[num, *shape]`."""
    return random.random([num, *shape])


def constants(num: int, shape, random: np.random.Generator) -> np.ndarray:
    """Returns images of one color each, uniform in [0, 1], `[num, *shape]`."""
    color = random.random([num, 1, 1, shape[-1]])
    return np.broadcast_to(color, [num, *shape]).copy()


def textures(num: int, shape, random: np.random.Generator) -> np.ndarray:
    """Returns gratings: waves in one direction between two colors, `[num, *shape]`.

    A wave is 3 pixels to half an image long; direction, phase and colors are uniform.
    """
    height, width, channels = shape
    rows, columns = np.mgrid[:height, :width]
    angle = random.uniform(0.0, np.pi, [num, 1, 1])
    length = np.exp(random.uniform(np.log(3.0), np.log(max(width / 2, 4)), [num, 1, 1]))
    along = (rows * np.sin(angle) + columns * np.cos(angle)) / length
    wave = 0.5 + 0.5 * np.sin(2.0 * np.pi * (along + random.random([num, 1, 1])))
    low, high = random.random([2, num, 1, 1, channels])
    return low + (high - low) * wave[..., None]


def interpolations(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Returns the means of each image and another one, `[N, H, W, C]`.

    Args:
        images: `[N, H, W, C]`, N at least 2.
        random: Decides which.
    """
    order = random.permutation(len(images))
    following = np.empty(len(images), np.int64)
    following[order] = np.roll(order, 1)  # no image is its own neighbour on the ring
    return 0.5 * (images + images[following])


BY_NAME = {"noise": uniform_noise, "constants": constants, "textures": textures}
