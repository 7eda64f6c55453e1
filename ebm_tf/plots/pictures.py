"""Figures of images with words on them; `grid` makes plain ones."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ebm_tf import checks
from ebm_tf.plots import grid, style

_CELL = 0.85  # inches of one image


def image_grid(
    images: np.ndarray, columns: int, titles: Sequence[str] | None = None
) -> Figure:
    """Draws images row by row.

    Args:
        images: `[N, H, W, C]` or `[N, H, W]`, uint8 or floats in [0, 1].
        columns: Images of a row.
        titles: What to write above each, or None.

    Raises:
        ValueError: If the shape is no set of images, or the titles are not as many.
    """
    images = _as_images("images", images)
    checks.require_count("columns", columns)
    if titles is not None:
        rule = f"as many as images, {len(images)}"
        checks.require(len(titles) == len(images), "titles", rule, len(titles))
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    height = _CELL + (0.25 if titles is not None else 0.05)
    with style.drawing(columns * (_CELL + 0.05), rows * height) as figure:
        for index, image in enumerate(images):
            axes = figure.add_subplot(rows, columns, index + 1)
            _show(axes, image)
            if titles is not None:
                _write_above(axes, titles[index])
    return figure


def film_strip(
    trace: np.ndarray,
    steps: Sequence[int],
    title: str = "Langevin steps from uniform noise",
) -> Figure:
    """Draws chains from left to right: a row is a chain, a column a time.

    Args:
        trace: `[T, B, H, W, C]` or `[T, B, H, W]`, uint8 or floats in [0, 1].
        steps: Steps done at each of the T times.
        title: What these are.

    Raises:
        ValueError: If the shape is no set of chains, or the steps are not T.
    """
    trace = np.asarray(trace)
    checks.require(trace.ndim in (4, 5), "trace", "[T, B, H, W, C]", trace.shape)
    rule = f"as many as times, {len(trace)}"
    checks.require(len(steps) == len(trace), "steps", rule, len(steps))
    size = (trace.shape[0] * (_CELL + 0.03), trace.shape[1] * (_CELL + 0.01) + 0.42)
    with style.drawing(*size) as figure:
        figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01)
        all_axes = figure.subplots(trace.shape[1], trace.shape[0], squeeze=False)
        for row, chain in enumerate(np.swapaxes(trace, 0, 1)):
            for axes, image in zip(all_axes[row], _as_images("trace", chain)):
                _show(axes, image)
        for axes, step in zip(all_axes[0], steps):
            _write_above(axes, f"{step:,}")
        figure.suptitle(title, fontsize=10)
    return figure


def neighbours(
    samples: np.ndarray,
    found: np.ndarray,
    distances: np.ndarray,
    title: str = "Nearest training images; L2 distance (pixels)",
) -> Figure:
    """Draws samples, each beside its nearest neighbours and their distances.

    Args:
        samples: `[N, H, W, C]`, uint8 or floats in [0, 1].
        found: Neighbours of each, nearest first, `[N, K, H, W, C]`.
        distances: L2 distances, `[N, K]`.
        title: What the distances are.

    Raises:
        ValueError: If the shapes do not go together.
    """
    samples = _as_images("samples", samples)
    num, columns = len(samples), distances.shape[1] + 1
    checks.require(
        found.shape[:2] == distances.shape == (num, columns - 1),
        "distances",
        "[N, K] for N samples with K neighbours each",
        distances.shape,
    )
    size = (columns * (_CELL + 0.1) + 0.2, num * (_CELL + 0.32) + 0.3)
    with style.drawing(*size) as figure:
        all_axes = figure.subplots(num, columns, squeeze=False)
        for row, (sample, near) in enumerate(zip(samples, found)):
            _show(all_axes[row, 0], sample)
            _frame(all_axes[row, 0], style.COLORS["samples"])
            near = _as_images("found", near)
            for axes, image, distance in zip(all_axes[row, 1:], near, distances[row]):
                _show(axes, image)
                axes.set_xlabel(f"{distance:.2f}", fontsize=9, labelpad=2)
        _write_above(all_axes[0, 0], "sample")
        for column in range(1, columns):
            _write_above(all_axes[0, column], _ORDINALS.get(column, f"{column}th"))
        figure.suptitle(title, fontsize=10)
    return figure


_ORDINALS = {1: "nearest", 2: "2nd", 3: "3rd"}


def _as_images(name: str, images) -> np.ndarray:
    images = grid.to_uint8(images)
    if images.ndim == 3:
        images = images[..., None]
    holds = images.ndim == 4 and images.size > 0 and images.shape[-1] in (1, 3)
    rule = "[N, H, W] or [N, H, W, C] with C 1 or 3"
    checks.require(holds, name, rule, images.shape)
    return images


def _show(axes: Axes, image: np.ndarray) -> None:
    if image.shape[-1] == 1:
        image = image.repeat(3, axis=-1)
    axes.imshow(image, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    _frame(axes, None)


def _frame(axes: Axes, color: str | None) -> None:
    for side in axes.spines.values():
        side.set_visible(color is not None)
        side.set(color=color, linewidth=2.5)


def _write_above(axes: Axes, text: str) -> None:
    axes.set_title(text, fontsize=9, fontweight="normal", loc="center", pad=3)
