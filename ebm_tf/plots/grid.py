"""Grids of images at their own resolution, as arrays and PNG files.

Needs neither TensorFlow nor matplotlib, so training may import it freely.
"""

import os
from collections.abc import Sequence

import numpy as np
from PIL import Image

from ebm_tf import checks

# Between two images: a gray that is neither ink nor paper.
_GAP_LEVEL = 128
_GAP = 2


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Returns images as 256 levels: floats in [0, 1] as `floor(256 x)`.

    Args:
        images: uint8, returned as they are, or floats, clipped into [0, 1]; any
            shape. A value that is no number becomes 0.

    Returns:
        uint8, same shape.
    """
    images = np.asarray(images)
    if images.dtype == np.uint8:
        return images
    levels = np.floor(np.nan_to_num(images, nan=0.0) * 256.0)
    return np.clip(levels, 0, 255).astype(np.uint8)


def can_show(shape: Sequence[int]) -> bool:
    """Returns whether `as_images` makes pictures of states of that shape."""
    return len(shape) == 2 or (len(shape) == 3 and shape[-1] in (1, 3))


def as_images(states: np.ndarray, num_axes: int, space) -> np.ndarray:
    """Returns stored states as pictures, uint8 `[..., H, W, C]`.

    Of a sequence, `[..., T, D]`, a row of the picture is a number of the state, a
    column a moment.

    Args:
        states: As they are stored, of a shape that `can_show`.
        num_axes: Axes of one state: 3 of images, 2 of sequences.
        space: The state space, of `ebm_tf.box`, which says what is black and white.
    """
    levels = space.as_bytes(states)
    return levels if num_axes == 3 else np.swapaxes(levels, -1, -2)[..., None]


def tile(images: np.ndarray, columns: int, scale: int = 1) -> np.ndarray:
    """Puts images side by side, row by row, with two gray pixels between.

    Args:
        images: `[N, H, W]` or `[N, H, W, C]`, C 1 or 3, uint8 or floats in
            [0, 1]; N >= 1.
        columns: Images of a row; the last row may be shorter.
        scale: Whole factor on the size of every pixel, so that small images stay
            sharp on a screen.

    Returns:
        uint8 `[height, width, C]`, C 1 or 3.

    Raises:
        ValueError: If the shape is no set of images.
    """
    images = to_uint8(images)
    if images.ndim == 3:
        images = images[..., None]
    rule = "[N, H, W] or [N, H, W, C] with C 1 or 3"
    holds = images.ndim == 4 and images.size > 0 and images.shape[-1] in (1, 3)
    checks.require(holds, "images", rule, images.shape)
    checks.require_count("columns", columns)
    checks.require_count("scale", scale)
    num, height, width, channels = images.shape
    columns = min(columns, num)
    rows = -(-num // columns)
    down, across = height + _GAP, width + _GAP
    shape = (rows * down + _GAP, columns * across + _GAP, channels)
    canvas = np.full(shape, _GAP_LEVEL, np.uint8)
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        top, left = row * down + _GAP, column * across + _GAP
        canvas[top : top + height, left : left + width] = image
    return canvas.repeat(scale, axis=0).repeat(scale, axis=1)


def strip(trace: np.ndarray, scale: int = 1) -> np.ndarray:
    """Puts chains under each other, each from its start to its end.

    Args:
        trace: `[T, B, H, W]` or `[T, B, H, W, C]`: B chains at T times.
        scale: Whole factor on the size of every pixel.

    Returns:
        uint8 `[height, width, C]`: a row is a chain, a column a time.

    Raises:
        ValueError: If the shape is no set of chains.
    """
    trace = to_uint8(trace)
    checks.require(trace.ndim in (4, 5), "trace", "[T, B, H, W, C]", trace.shape)
    by_chain = np.swapaxes(trace, 0, 1)
    return tile(by_chain.reshape(-1, *trace.shape[2:]), trace.shape[0], scale)


def write_png(path: str | os.PathLike, image: np.ndarray) -> None:
    """Writes one image as PNG, lossless.

    Args:
        path: The file; replaced if there.
        image: `[H, W]`, `[H, W, 1]` or `[H, W, 3]`, uint8 or floats in [0, 1].

    Raises:
        ValueError: If the shape is no image's.
    """
    image = to_uint8(image)
    if image.ndim == 3 and image.shape[-1] == 1:
        image = image[..., 0]
    holds = image.ndim == 2 or (image.ndim == 3 and image.shape[-1] == 3)
    checks.require(holds, "image", "[H, W], [H, W, 1] or [H, W, 3]", image.shape)
    Image.fromarray(image).save(path, format="PNG", optimize=True)


def write_gif(
    path: str | os.PathLike, frames: Sequence[np.ndarray], seconds: float
) -> None:
    """Writes a moving picture that starts again; it stays at its last frame a while.

    Args:
        path: The file; replaced if there.
        frames: Images of one shape, as `write_png` takes them, in order.
        seconds: From the first frame to the last.

    Raises:
        ValueError: If there is no frame.
    """
    checks.require(len(frames) > 0, "frames", "one image or more", len(frames))
    images = []
    for frame in frames:
        frame = to_uint8(frame)
        gray = frame.ndim == 3 and frame.shape[-1] == 1
        images.append(Image.fromarray(frame[..., 0] if gray else frame))
    times = [round(1000.0 * seconds / len(frames))] * len(frames)
    times[-1] += round(500.0 * seconds)
    images[0].save(
        path,
        format="GIF",
        save_all=True,
        append_images=images[1:],
        duration=times,
        loop=0,
    )
