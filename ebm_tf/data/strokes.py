"""What can be measured from a picture of strokes, such as a digit: slant and width.

[1] Castro et al., Morpho-MNIST: Quantitative assessment and diagnostics for
    representation learning, JMLR 2019. https://arxiv.org/abs/1809.10780 (slant as the
    shear of second moments; width by distances to the edge)
"""

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from ebm_tf.data.types import Chunk, Found, Split

NAMES = ("slant", "stroke_width")
# Shears of so much to the left and to the right are the ends of the label's range.
_MAX_SHEAR = 1.0
# The widest stroke, as a share of the height of the picture, is the end of its range.
_MAX_WIDTH = 0.25
# Pixels are divided so often before distances are taken: edges are between them.
_FINENESS = 4


def shear(pictures: np.ndarray) -> np.ndarray:
    """Returns by how many columns a picture goes to the right for each row it goes up.

    The slope of columns on rows, each pixel weighed by its brightness.

    Args:
        pictures: `[N, H, W]`, at least 0.

    Returns:
        float64 `[N]`; 0 of a picture that is empty or one row.
    """
    weight = np.asarray(pictures, np.float64)
    row, column = np.mgrid[0 : weight.shape[1], 0 : weight.shape[2]].astype(float)
    total = np.maximum(weight.sum(axis=(1, 2)), 1e-12)

    def mean(values):
        return (weight * values).sum(axis=(1, 2)) / total

    down, right = mean(row), mean(column)
    spread = mean(row * row) - down**2
    together = mean(row * column) - down * right
    known = spread > 1e-9
    return np.where(known, -together / np.where(known, spread, 1.0), 0.0)


def stroke_width(pictures: np.ndarray) -> np.ndarray:
    """Returns the mean width of strokes, pixels, float64 `[N]`; 0 of an empty picture.

    A picture is inside where it is above half of its brightest pixel, lines between
    pixels. Of a long stroke the mean distance to the edge is a quarter of its width.

    Args:
        pictures: `[N, H, W]`, at least 0.
    """
    from scipy import ndimage

    found = []
    for picture in np.asarray(pictures, np.float64):
        fine = ndimage.zoom(picture, _FINENESS, order=1, grid_mode=True, mode="nearest")
        inside = fine > 0.5 * fine.max() if fine.max() > 0 else np.zeros(fine.shape)
        # Distances are to the middles of the nearest points outside.
        distance = ndimage.distance_transform_edt(inside) - 0.5
        mean = distance[np.asarray(inside, bool)].mean() if inside.any() else 0.0
        found.append(4.0 * mean / _FINENESS)
    return np.array(found)


def labels_of(pictures: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Returns what pictures measure as labels, float32 `[N, K]`, in [0, 1].

    Args:
        pictures: `[N, H, W, 1]`, at least 0.
        names: Some of `NAMES`.
    """
    pictures = pictures[..., 0]
    columns = {
        "slant": lambda: (1.0 + shear(pictures) / _MAX_SHEAR) / 2.0,
        "stroke_width": lambda: (
            stroke_width(pictures) / (_MAX_WIDTH * pictures.shape[1])
        ),
    }
    chosen = [columns[name]() for name in names]
    return np.clip(np.stack(chosen, axis=1), 0.0, 1.0).astype(np.float32)


def relabelled(found: Found, names: Sequence[str]) -> Found:
    """Returns a data set with labels that are measured, in place of its own.

    Args:
        found: Pictures in one channel.
        names: Some of `NAMES`; none leaves it as it is.
    """
    if not names:
        return found
    splits = {name: _measured(split, names) for name, split in found.splits.items()}
    return dataclasses.replace(found, splits=splits, label_names=tuple(names))


def _measured(split: Split, names) -> Split:
    def chunks() -> Iterator[Chunk]:
        for pictures, _ in split.chunks():
            yield pictures, labels_of(pictures, names)

    return dataclasses.replace(split, chunks=chunks)
