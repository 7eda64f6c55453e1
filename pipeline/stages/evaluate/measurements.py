"""What the stage `evaluate` measures: from images and a model to numbers, figures.

Each task returns a `Result`; `pipeline.evaluate` decides which are run and writes
them. TensorFlow is imported here.
"""

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure

from ebm_tf import conditions, rng
from ebm_tf.box import PIXELS, StateSpace
from ebm_tf.data.shards import Examples
from ebm_tf.energy.build import bind_condition
from ebm_tf.metrics import chains, classifier, neighbours, ranking
from ebm_tf.metrics.classifier_summary import ClassifierSummary, summarize_probs
from ebm_tf.plots import charts, grid, pictures, points

# The confidence of the classifier that counts as sure.
CONFIDENCE = 0.9
# An image is suspiciously near if all but this share of test images are farther.
NEAR_SHARE = 0.01
_BATCH_SIZE = 250
_MAX_SHOWN = 40


class Images(NamedTuple):
    """Stored images and their labels.

    Attributes:
        levels: `[N, H, W, C]`, as the state space stores them.
        labels: int32 `[N]`, float32 `[N, K]`, or None.
    """

    levels: np.ndarray
    labels: np.ndarray | None


class Result(NamedTuple):
    """What a task found.

    Attributes:
        metrics: Numbers, as JSON holds them.
        figures: By name.
        arrays: What the figures were drawn from, by name.
    """

    metrics: dict
    figures: Mapping[str, Figure]
    arrays: Mapping[str, np.ndarray]


def choose(examples: Examples, num: int, seed: int) -> Images:
    """Returns `num` different images, or all if they are fewer, seeded."""
    num = min(num, examples.num_examples)
    drawn = np.random.default_rng(seed).choice(examples.num_examples, num, False)
    return Images(*examples.gather(np.sort(drawn)))


def spread_of(sets: Mapping[str, Images], space: StateSpace = PIXELS) -> dict:
    """Returns how saturated and how diverse each set of images is."""
    found = {}
    for name, images in sets.items():
        x = space.center(tf.constant(images.levels))
        found[name] = {
            "num": len(x),
            "saturated_share": float(tf.reduce_mean(chains.saturated_share(x, space))),
            "diversity_pixels": float(chains.diversity(x)) if len(x) > 1 else None,
        }
    return found


def points_of(sets: Mapping[str, Images], space: StateSpace) -> dict[str, Figure]:
    """Returns samples over test states, where these are points of two numbers."""
    if sets["test"].levels.shape[1:] != (2,):
        return {}
    shown = {name: space.center(sets[name].levels) for name in ("test", "samples")}
    return {"points": points.scatter(shown)}


def energies(
    model: keras.Model,
    sets: Mapping[str, Images],
    seed: int,
    jit_compile: bool,
    space: StateSpace = PIXELS,
) -> Result:
    """Compares the energies of sets of images (paper, A.13) and of noise.

    Every image is dequantized as in training (A.3), so that all are treated alike.

    Args:
        model: The energy network. A conditional one takes each set's labels; noise
            goes under those of test. Of noise levels it takes the lowest for all.
        sets: "train", "test" and others.
        seed: A whole number; decides dequantization and noise.
        jit_compile: Whether XLA compiles the network.
        space: The state space.

    Returns:
        The result. If an energy is not finite, only how many are not, by set.
    """
    seeds = rng.split(rng.make_seed(seed), len(sets) + 1)

    @tf.function(autograph=False, jit_compile=jit_compile)
    def energy(x, condition):
        return bind_condition(model, condition)(x)

    def energies_of(name, images, batch_seed, decode) -> np.ndarray:
        parts = []
        for first in range(0, len(images.levels), _BATCH_SIZE):
            rows = slice(first, first + _BATCH_SIZE)
            x = decode(tf.constant(images.levels[rows]), rng.fold_in(batch_seed, first))
            labels = None if images.labels is None else images.labels[rows]
            condition = conditions.of_labels(model.condition_space, labels, len(x))
            parts.append(energy(x, conditions.each(tf.constant, condition)).numpy())
        return np.concatenate(parts)

    found = {
        name: energies_of(name, images, set_seed, space.decode)
        for (name, images), set_seed in zip(sets.items(), seeds)
    }
    noise = energies_of(
        "noise", sets["test"], seeds[-1], lambda x, s: space.noise(s, x.shape)
    )
    bad = {n: _not_finite(e) for n, e in (found | {"noise": noise}).items()}
    bad = {name: count for name, count in bad.items() if count}
    if bad:
        return Result({"unit": "nats", "not_finite": bad}, {}, {})
    zero = float(np.mean(found["train"], dtype=np.float64))
    metrics = {
        "unit": "nats",
        "not_finite": {},
        "sets": {n: _moments(e, zero) for n, e in (found | {"noise": noise}).items()},
        "auroc": [
            _auroc("train", "test", found["train"], found["test"]),
            _auroc("test", "samples", found["test"], found["samples"]),
            _auroc("test", "noise", found["test"], noise),
        ],
    }
    figure = charts.energy_histograms(found, "train")
    return Result(metrics, {"energies": figure}, found | {"noise": noise})


def _not_finite(values: np.ndarray) -> int:
    return int(np.sum(~np.isfinite(values)))


def _moments(values: np.ndarray, zero: float) -> dict:
    values = values.astype(np.float64)
    std = float(values.std(ddof=1)) if values.size > 1 else 0.0
    return {
        "num": values.size,
        "mean": float(values.mean()),
        "relative_mean": float(values.mean()) - zero,
        "standard_error": std / values.size**0.5,
        "std": std,
        "min": float(values.min()),
        "max": float(values.max()),
    }


def _auroc(lower: str, higher: str, lower_energies, higher_energies) -> dict:
    found = ranking.auroc(lower_energies, higher_energies)
    return {
        "lower": lower,
        "higher": higher,
        "area": found.area,
        "standard_error": found.standard_error,
    }


class _Rows:
    """The images of `examples`, read as they are sliced."""

    def __init__(self, examples: Examples):
        self._examples = examples
        self.shape = (examples.num_examples, *examples.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice) -> np.ndarray:
        return self._examples.gather(np.arange(*rows.indices(len(self))))[0]


def nearest_images(
    train: Examples, sets: Mapping[str, Images], num: int, num_shown: int
) -> Result:
    """Finds the nearest training images of samples, and of test images to compare.

    Args:
        train: The training images, all of which are searched.
        sets: "samples" and "test"; images equal to a training one are at 0.
        num: Neighbours of each image.
        num_shown: Samples drawn with their neighbours.
    """
    num = min(num, train.num_examples)
    rows = _Rows(train)
    found = {
        name: neighbours.nearest(images.levels, rows, num)
        for name, images in sets.items()
    }
    space = train.space  # levels to pixels: of 256 a level is 1/256 of the box
    distances = {
        name: near.distances * space.stored_width for name, near in found.items()
    }
    limit = float(np.quantile(distances["test"][:, 0], NEAR_SHARE))
    metrics = {
        "unit": "pixels",
        "num_train": len(rows),
        "near_limit": limit,
        "sets": {},
    }
    for name, values in distances.items():
        first = values[:, 0]
        metrics["sets"][name] = {
            "num": len(first),
            "median": float(np.median(first)),
            "mean": float(first.mean()),
            "min": float(first.min()),
            "max": float(first.max()),
            "near_share": float(np.mean(first < limit)),
        }
    figures = {
        "distances": charts.distance_histograms(
            {name: values[:, 0] for name, values in distances.items()}, "test"
        ),
    }
    if grid.can_show(train.shape):
        shown = slice(0, min(num_shown, _MAX_SHOWN))
        figures["neighbours"] = _neighbours(
            train,
            sets["samples"].levels[shown],
            found["samples"].indices[shown],
            distances["samples"][shown],
        )
    arrays = {f"{name}_distances": values for name, values in distances.items()}
    arrays |= {f"{name}_indices": near.indices for name, near in found.items()}
    return Result(metrics, figures, arrays)


def _neighbours(train, samples, indices, distances) -> Figure:
    """Draws samples beside the training images at `indices`, `[N, K]`."""
    num_axes, space = len(train.shape), train.space
    near = grid.as_images(train.gather(indices.ravel())[0], num_axes, space)
    near = near.reshape(*indices.shape, *near.shape[1:])
    return pictures.neighbours(
        grid.as_images(samples, num_axes, space), near, distances
    )


def classifier_summaries(
    model: keras.Model,
    samples: Images,
    test: Examples,
    class_names: list[str],
) -> Result:
    """Asks the classifier what samples are, and test images to compare.

    Args:
        model: From levels to logits.
        samples: All samples; their labels, if any, are what they were asked to be.
        test: The test images.
        class_names: Name of each class.
    """
    probs = {
        "samples": classifier.class_probs(
            model, samples.levels.__getitem__, len(samples.levels)
        ),
        "test": classifier.class_probs(
            model, lambda rows: test.gather(rows)[0], test.num_examples
        ),
    }
    asked = {"samples": samples.labels, "test": test.labels}
    metrics = {"confidence": CONFIDENCE, "class_names": class_names, "sets": {}}
    for name, values in probs.items():
        metrics["sets"][name] = _as_dict(summarize_probs(values, CONFIDENCE)) | {
            "agreement": None
            if asked[name] is None
            else float(np.mean(values.argmax(axis=1) == asked[name]))
        }
    shares = {name: found["class_shares"] for name, found in metrics["sets"].items()}
    figure = charts.class_shares(shares, class_names)
    return Result(
        metrics, {"classes": figure}, {f"{n}_probs": p for n, p in probs.items()}
    )


def _as_dict(found: ClassifierSummary) -> dict:
    values = dataclasses.asdict(found)
    return values | {"class_shares": list(found.class_shares)}
