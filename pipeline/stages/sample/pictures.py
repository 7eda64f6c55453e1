"""Pictures of samples: a grid, chains as a film strip and as a moving picture."""

import os

import numpy as np

from ebm_tf.plots import grid, pictures, points, style

from .files import SampleFiles

_MAX_SHOWN = 100
_PER_CLASS = 10
_MAX_CLASSES = 20
_COLUMNS = 10
_GIF_SECONDS = 4.0


def draw(files: SampleFiles, energy, steps: list[int]) -> None:
    """Writes `grid.png`, `strip.png` and `strip.gif` from the arrays.

    Of points of two numbers there is no `strip.gif`, and of states that have no
    picture there is none of them; a line says so.

    Args:
        files: With `samples`, `strip` and, of a conditional model, `labels`.
        energy: The model: shape and space of states, number of classes.
        steps: Steps done at each time of the strip.
    """
    shape, space = energy.state_shape, energy.space
    samples, trace = files.load("samples"), np.load(files.path("strip.npy"))
    if tuple(shape) == (2,):
        style.save(
            points.scatter({"samples": _floats(samples, space)}), files.path("grid.png")
        )
        style.save(points.ways(_floats(trace, space), steps), files.path("strip.png"))
        return
    if not grid.can_show(shape):
        print(f"sample: states of shape {tuple(shape)} have no pictures")
        return
    rows, columns = shown(files, energy.num_classes)
    images = grid.as_images(samples[rows], len(shape), space)
    grid.write_png(files.path("grid.png"), grid.tile(images, columns, scale=2))
    trace = grid.as_images(trace, len(shape), space)
    style.save(pictures.film_strip(trace, steps), files.path("strip.png"))
    frames = [grid.tile(images, len(images), scale=2) for images in trace]
    grid.write_gif(files.path("strip.gif"), frames, _GIF_SECONDS)


def _floats(stored: np.ndarray, space) -> np.ndarray:
    return np.asarray(space.center(np.asarray(stored)))


def write_each(files: SampleFiles, space) -> None:
    """Writes every sample as `png/000000.png` and so on.

    It does nothing for states that have no picture of their own.

    Args:
        files: With `samples`.
        space: The state space.
    """
    states = files.load("samples")
    shape = states.shape[1:]
    if not grid.can_show(shape):
        return
    os.makedirs(files.path("png"), exist_ok=True)
    for number in range(files.num):
        some = states[number : number + 1]
        [image] = grid.as_images(some, len(shape), space)
        grid.write_png(files.path(os.path.join("png", f"{number:06d}.png")), image)


def shown(files: SampleFiles, num_classes: int | None) -> tuple[np.ndarray, int]:
    """Returns which samples the grid shows, and how many a row.

    Of a conditional model a row is a class, if every class has a sample.
    """
    if num_classes is not None and num_classes <= _MAX_CLASSES:
        labels = np.asarray(files.load("labels"))
        by_class = [
            np.flatnonzero(labels == c)[:_PER_CLASS] for c in range(num_classes)
        ]
        columns = min(map(len, by_class))
        if columns > 0:
            return np.concatenate([rows[:columns] for rows in by_class]), columns
    num = min(len(files.load("samples")), _MAX_SHOWN)
    if num > _COLUMNS:
        num = num // _COLUMNS * _COLUMNS
    return np.arange(num), _COLUMNS


def log(files: SampleFiles, logs: str, step: int) -> None:
    """Writes pictures and energies for TensorBoard, as of update `step`."""
    import tensorflow as tf
    from PIL import Image

    from ebm_tf.training import event_writer

    with event_writer.writing(logs, step):
        for name in ("grid", "strip"):
            if not os.path.exists(files.path(f"{name}.png")):
                continue
            with Image.open(files.path(f"{name}.png")) as picture:
                pixels = np.asarray(picture.convert("RGB"))
            tf.summary.image(f"sample/{name}", pixels[None])
        tf.summary.histogram("sample/energy", np.asarray(files.load("energies")))
