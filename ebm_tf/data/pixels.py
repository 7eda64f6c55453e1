"""Pixels of image files: a rule for each mode and depth, by the type, not the image.

    1, L, P, RGB, RGBX, CMYK, YCbCr   as Pillow converts them to gray or colour
    LA, PA, RGBA, a transparent P     likewise, on white
    I;16; I of PGM and PNG            16 bits: the upper 8; 12 bits of TIFF likewise
    F                                 floats within [0, 1]: floor(256 x), 1 is 255

So levels are bins of equal width, as in `ebm_tf.box`. Floats elsewhere or not finite,
whole numbers with a sign or of 32 bits, and all other modes are refused by name.
"""

import functools
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from ebm_tf import files
from ebm_tf.data.config import ImagesConfig

_PLAIN = ("1", "L", "P", "RGB", "RGBX", "CMYK", "YCbCr")
_CLEAR = ("LA", "PA", "RGBA")
_DEEP = ("I;16", "I;16B", "I;16L", "I;16N")
# Formats whose "I" holds 16 bits; elsewhere it holds 32.
_DEEP_FORMATS = ("PPM", "PNG")
# What Pillow names and does not decode by itself: EPS runs another program.
_NOT_DECODED = {"BUFR", "EPS", "GRIB", "HDF5", "MPEG", "WMF"}
_TIFF_BITS, _TIFF_SIGN, _SIGNED = 258, 339, 2


class UnstatedPixels(ValueError):
    """No rule says what an image's numbers become; the text names its type."""


class Picture(NamedTuple):
    """An image as it was read.

    Attributes:
        levels: uint8 `[H, W, channels]`.
        size: Height and width that it has in its file, pixels.
    """

    levels: np.ndarray
    size: tuple[int, int]


@functools.cache
def endings() -> frozenset[str]:
    """Returns the endings of the files that are read, in small letters, with dots."""
    known = Image.registered_extensions()
    return frozenset(end for end, name in known.items() if name in _formats())


def read(path: str, config: ImagesConfig) -> Picture:
    """Returns one image.

    Turned as its EXIF note says, on white where it is transparent, of an animation
    the first picture; colour profiles are not looked at. It is resized to cover
    `config.shape`, and the middle is cut out; one of that size keeps its pixels.

    Raises:
        UnstatedPixels: If its numbers are of no known range.
        OSError: If it cannot be read.
        ValueError: Likewise.
    """
    with files.opened(path) as stream, Image.open(stream, "r", _formats()) as image:
        if image.width * image.height > Image.MAX_IMAGE_PIXELS:
            raise UnstatedPixels(f"more than {Image.MAX_IMAGE_PIXELS} pixels")
        num_bits = _num_bits(image)
        image = ImageOps.exif_transpose(image)
        size = image.height, image.width
        if image.mode == "F":
            image = Image.fromarray(_of_floats(np.asarray(image, np.float64)))
        elif num_bits > 8:
            image = Image.fromarray(_upper_byte(image, num_bits))
        if image.has_transparency_data:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        image = image.convert("L" if config.channels == 1 else "RGB")
        height, width, channels = config.shape
        image = ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS)
        return Picture(np.asarray(image).reshape(height, width, channels), size)


@functools.cache
def _formats() -> tuple[str, ...]:
    Image.init()
    return tuple(name for name in Image.ID if name not in _NOT_DECODED)


def _num_bits(image: Image.Image) -> int:
    """Returns the bits of one number, 8 for less; raises if there is no rule."""
    mode, where, tags = image.mode, image.format, getattr(image, "tag_v2", {})
    if _SIGNED in tags.get(_TIFF_SIGN, ()):
        raise UnstatedPixels(f"whole numbers with a sign, mode {mode} of {where}")
    if mode in _PLAIN or mode in _CLEAR or mode == "F":
        return 8
    if mode in _DEEP and where != "FITS":  # its numbers have a sign
        return max(tags.get(_TIFF_BITS, (16,)))
    if mode == "I" and where in _DEEP_FORMATS:
        return 16
    name = "whole numbers of 32 bits, mode I" if mode == "I" else f"mode {mode}"
    raise UnstatedPixels(f"{name} of {where}")


def _upper_byte(image: Image.Image, num_bits: int) -> np.ndarray:
    wide = np.asarray(image).astype(np.int64)
    levels = np.clip(wide >> (num_bits - 8), 0, 255).astype(np.uint8)
    clear = image.info.get("transparency")
    if isinstance(clear, int):
        levels[wide == clear] = 255
    return levels


def _of_floats(values: np.ndarray) -> np.ndarray:
    wrong = ~((values >= 0) & (values <= 1))
    if wrong.any():
        first = float(values[wrong][0])
        raise UnstatedPixels(f"floats must lie within [0, 1], one is {first:g}")
    return np.minimum(np.floor(256.0 * values), 255.0).astype(np.uint8)
