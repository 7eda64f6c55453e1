"""dSprites: from its published file, or drawn here in the same parameterisation.

A shape (square, ellipse, heart), 6 scales from 0.5 to 1, 40 orientations from 0 to
2 pi, and 32 positions from 0 to 1 in x and in y: 737,280 white shapes on black,
64x64, in the order of these factors, y fastest. What is drawn here has the published
factors and not the published bytes: the shapes' outlines are our own.

References:
    Matthey, Higgins, Hassabis and Lerchner, dSprites (2017).
    https://github.com/google-deepmind/dsprites-dataset
"""

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ebm_tf import checks
from ebm_tf.data import array_files, files
from ebm_tf.data.types import Chunk, Found, Split

SHAPES = ("square", "ellipse", "heart")
# Values of each factor, the slowest first; shape by its number.
FACTORS = {
    "shape": np.arange(3, dtype=np.float64),
    "scale": np.linspace(0.5, 1.0, 6),
    "orientation": np.linspace(0.0, 2.0 * math.pi, 40),
    "x": np.linspace(0.0, 1.0, 32),
    "y": np.linspace(0.0, 1.0, 32),
}
NUM_IMAGES = math.prod(map(len, FACTORS.values()))
_NUM_TEST = 10_000
_SIZE = 64
_CHUNK_SIZE = 512


class Frame(NamedTuple):
    """How shapes lie in an image, in pixels of one of 64x64. None is cut off.

    Attributes:
        first: Where the middle of a shape is at position 0.
        way: From there to position 1.
        half: Half the width of a square of scale 1.
    """

    first: float
    way: float
    half: float

    def place_of(self, position):
        """Returns where the middle of a shape at a position is, pixels of 64."""
        return self.first + self.way * position

    def position_of(self, place):
        """Returns the position, x or y, of a shape whose middle is there."""
        return (place - self.first) / self.way


# As published, and twice as large, for images of few pixels.
FRAMES = {"dsprites": Frame(16.0, 31.0, 8.0), "small_sprites": Frame(23.0, 18.0, 16.0)}


def drawn(label_names: Sequence[str]) -> Found:
    """Returns all images, drawn as they are read; 10,000 of them are the test set.

    Args:
        label_names: Some of "scale", "orientation", "x", "y"; none for the shape.
    """

    def chunks() -> Iterator[Chunk]:
        for start in range(0, NUM_IMAGES, _CHUNK_SIZE):
            numbers = np.arange(start, min(start + _CHUNK_SIZE, NUM_IMAGES))
            factors = factors_of(numbers)
            yield render(factors), labels_of(factors, label_names)

    whole = Split(num_examples=NUM_IMAGES, chunks=chunks)
    return Found(
        splits=_held_out(whole),
        paths=[],
        origin="Drawn by ebm_tf.data.sprites",
        label_names=names_of(label_names),
    )


def drawn_small(label_names: Sequence[str], size: int, counts: Mapping[str, int]):
    """Returns some of the images, taken at random, drawn larger in fewer pixels.

    The last orientation, which is the first again, is left out.

    Args:
        label_names: As in `drawn`.
        size: Height and width, pixels.
        counts: How many images each split has.

    Returns:
        What is `Found`; see `render_smooth`.
    """
    wanted = np.random.default_rng(0).permutation(NUM_IMAGES)
    turn = np.unravel_index(wanted, [len(values) for values in FACTORS.values()])[2]
    wanted = wanted[turn < len(FACTORS["orientation"]) - 1]
    splits, first = {}, 0
    for name, count in counts.items():
        chunks = _small_chunks(wanted[first : first + count], label_names, size)
        splits[name] = Split(num_examples=count, chunks=chunks)
        first += count
    return Found(
        splits=splits,
        paths=[],
        origin=f"Drawn by ebm_tf.data.sprites at {size}x{size}",
        label_names=names_of(label_names),
    )


def _small_chunks(numbers, label_names, size):
    def chunks() -> Iterator[Chunk]:
        for start in range(0, len(numbers), _CHUNK_SIZE):
            factors = factors_of(numbers[start : start + _CHUNK_SIZE])
            drawn = render_smooth(factors, size, FRAMES["small_sprites"])
            images = np.round(255.0 * drawn).astype(np.uint8)[..., None]
            yield images, labels_of(factors, label_names)

    return chunks


def read(path: str, label_names: Sequence[str]) -> Found:
    """Returns the images of the published .npz file. Nothing is unpickled.

    Args:
        path: The file.
        label_names: As in `drawn`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged or of another kind.
    """
    checks.require_file(path, "The file")
    factors = _factors_in(path)

    def chunks() -> Iterator[Chunk]:
        start = 0
        for images in _images_in(path, len(factors)):
            some = factors[start : start + len(images)]
            start += len(images)
            yield images, labels_of(some, label_names)

    whole = Split(num_examples=len(factors), chunks=chunks)
    for _ in whole.chunks():
        pass
    return Found(
        splits=_held_out(whole),
        paths=[path],
        origin=f"Published file in {os.path.abspath(os.path.dirname(path))}",
        label_names=names_of(label_names),
    )


def factors_of(numbers: np.ndarray) -> np.ndarray:
    """Returns the factors of images by their numbers, float64 `[n, 5]`."""
    places = np.unravel_index(numbers, [len(values) for values in FACTORS.values()])
    columns = [values[at] for values, at in zip(FACTORS.values(), places)]
    return np.stack(columns, axis=1)


def render(factors: np.ndarray) -> np.ndarray:
    """Draws shapes.

    Args:
        factors: `[n, 5]`: shape 0 to 2, scale, orientation (radians, counterclockwise),
            x (to the right) and y (downwards).

    Returns:
        uint8 `[n, 64, 64, 1]`, 0 or 255.
    """
    inside = _inside(factors, np.arange(_SIZE) + 0.5, FRAMES["dsprites"])
    return np.where(inside, 255, 0).astype(np.uint8)[..., None]


def render_smooth(factors: np.ndarray, size: int, frame: Frame) -> np.ndarray:
    """Draws the same shapes at any size, edges in shades of gray.

    A pixel's value is the share of it that the shape covers, of 2x2 points or more.

    Args:
        factors: As in `render`.
        size: Height and width, pixels.
        frame: How they lie in the image.

    Returns:
        float32 `[n, size, size]`, 0 to 1.
    """
    fineness = max(2, _SIZE // size)
    places = (np.arange(size * fineness) + 0.5) * (_SIZE / (size * fineness))
    inside = _inside(factors, places, frame).astype(np.float32)
    parts = np.reshape(inside, [-1, size, fineness, size, fineness])
    return parts.mean(axis=(2, 4))


def _inside(factors, places, frame) -> np.ndarray:
    """Returns which points are in the shape, bool `[n, P, P]`.

    Args:
        factors: As in `render`.
        places: Of the points along each side, `[P]`, pixels of an image of 64.
        frame: How shapes lie in the image.
    """
    shapes, scale, angle, x, y = (column[:, None, None] for column in factors.T)
    right = (places[None, :] - frame.place_of(x)) / (frame.half * scale)
    up = -(places[:, None] - frame.place_of(y)) / (frame.half * scale)
    along = np.cos(angle) * right + np.sin(angle) * up
    across = np.cos(angle) * up - np.sin(angle) * right
    found = np.empty(along.shape, bool)
    for shape, covers in enumerate(_COVERS):
        rows = shapes[:, 0, 0] == shape
        if rows.any():
            found[rows] = covers(along[rows], across[rows])
    return found


def _covers_heart(along, across):
    bulge = along**2 + across**2 - 1.0
    return bulge * bulge * bulge <= along**2 * (across * across * across)


# Which points a shape of scale 1 covers, its width being 2: in the order of `SHAPES`.
_COVERS = (
    lambda along, across: np.maximum(np.abs(along), np.abs(across)) <= 1.0,
    lambda along, across: (along / 1.3) ** 2 + (across / 0.65) ** 2 <= 1.0,
    _covers_heart,
)


def names_of(label_names: Sequence[str]) -> tuple[str, ...]:
    """Returns a name for each number of a label."""
    both = {"orientation": ("orientation_cos", "orientation_sin")}
    return tuple(name for each in label_names for name in both.get(each, (each,)))


def labels_of(factors: np.ndarray, label_names: Sequence[str]) -> np.ndarray:
    """Returns the shapes, int32 `[n]`, or the factors named, float32 in [0, 1].

    The scale is stretched from [0.5, 1]; an orientation is the two numbers
    `(1 + cos) / 2` and `(1 + sin) / 2`.
    """
    if not label_names:
        return factors[:, 0].astype(np.int32)
    _, scale, angle, x, y = factors.T
    columns = {
        "scale": [2.0 * scale - 1.0],
        "orientation": [(1.0 + np.cos(angle)) / 2.0, (1.0 + np.sin(angle)) / 2.0],
        "x": [x],
        "y": [y],
    }
    chosen = [column for name in label_names for column in columns[name]]
    return np.clip(np.stack(chosen, axis=1), 0.0, 1.0).astype(np.float32)


def _held_out(whole: Split) -> dict[str, Split]:
    # Here: it needs TensorFlow, which who draws a picture need not wait for.
    from ebm_tf.data import splits

    count = min(_NUM_TEST, max(whole.num_examples // 10, 1))
    train, test = splits.hold_out(whole, count, seed=0)
    return {"train": train, "test": test}


def _factors_in(path) -> np.ndarray:
    latents = array_files.read_npz(path, "latents_values").get("latents_values")
    if latents is None:
        files.refuse(
            path, "be the published .npz file of dSprites", "no latents_values"
        )
    if latents.ndim != 2 or latents.shape[1] != 6 or not len(latents):
        files.refuse(path, "hold latents_values of shape (n, 6)", latents.shape)
    factors = latents[:, 1:].astype(np.float64)
    factors[:, 0] -= 1.0  # shapes count from 1 there; column 0 is the colour
    wrong = ~np.isin(factors[:, 0], FACTORS["shape"])
    if wrong.any():
        files.refuse(path, "hold shapes 1 to 3", factors[wrong][0, 0] + 1)
    return factors


def _images_in(path, num_images) -> Iterator[np.ndarray]:
    """Yields images as they are unpacked: 3 GB of them would not fit everywhere."""
    size = _SIZE * _SIZE
    try:
        with (
            array_files.opened_zip(path) as archive,
            archive.open("imgs.npy") as stream,
        ):
            version = np.lib.format.read_magic(stream)
            read_header = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }[version]
            shape, is_fortran, dtype = read_header(stream)
            want = (num_images, _SIZE, _SIZE)
            if shape != want or is_fortran or dtype != np.uint8:
                files.refuse(path, f"hold imgs uint8{want}", f"{dtype}{shape}")
            for start in range(0, num_images, _CHUNK_SIZE):
                num = min(_CHUNK_SIZE, num_images - start)
                content = stream.read(num * size)
                if len(content) < num * size:
                    files.refuse(path, f"hold {num_images} images", "fewer")
                images = np.frombuffer(content, np.uint8).reshape(num, _SIZE, _SIZE, 1)
                if images.max() > 1:
                    files.refuse(path, "hold pixels of 0 and 1", images.max())
                yield images * np.uint8(255)
            stream.read(1)  # makes zipfile compare its own checksum
    except KeyError as error:
        files.refuse(path, "be the published .npz file of dSprites", error)
