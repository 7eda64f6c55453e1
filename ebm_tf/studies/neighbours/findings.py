"""The study of neighbours as a whole: distances in each space, figures."""

from collections.abc import Callable

import numpy as np

from ebm_tf import checks
from ebm_tf.data.shards import Examples
from ebm_tf.metrics import features, neighbours
from ebm_tf.plots import charts, grid, pictures
from ebm_tf.studies.common import energies
from ebm_tf.studies.contract import Findings, Subject
from ebm_tf.studies.neighbours import PIXELS, NeighboursConfig

# A sample is suspiciously near if all but this share of test images are farther.
NEAR_SHARE = 0.01


class Rows:
    """What images are compared by, made as it is sliced: never of all at once.

    Args:
        images: The training images.
        of_stored: From images as they are stored to what they are compared by.
        num: How many of the images, the first.
        report: Called with the number of images that have been read.
    """

    def __init__(
        self,
        images: Examples,
        of_stored: Callable[[np.ndarray], np.ndarray],
        num: int,
        report: Callable[[int], object],
    ):
        self._images, self._of_stored, self._report = images, of_stored, report
        shape = of_stored(images.gather(np.arange(1))[0]).shape
        self.shape = (num, *shape[1:])

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice) -> np.ndarray:
        indices = np.arange(*rows.indices(len(self)))
        found = self._of_stored(self._images.gather(indices)[0])
        self._report(int(indices[-1]) + 1)
        return found


def find(config: NeighboursConfig, subject: Subject) -> Findings:
    """Finds neighbours; returns what `NeighboursConfig.run` promises."""
    train = subject.examples["train"]
    num_train = min(config.num_train or train.num_examples, train.num_examples)
    checks.require_count("num_neighbours", config.num_neighbours, high=num_train)
    samples = np.asarray(subject.samples[: config.num_samples])
    test = energies.choose(subject.examples["test"], len(samples), subject.seed).stored
    spaces = {PIXELS: lambda stored: stored} | {
        name: _extractor(each, subject) for name, each in config.features.items()
    }
    tables, figures, arrays = {}, {}, {}
    for number, (name, of_stored) in enumerate(spaces.items()):

        def report(done, number=number):
            subject.report(number * num_train + done, len(spaces) * num_train)

        rows = Rows(train, of_stored, num_train, report)
        queries = of_stored(np.concatenate([samples, test]))
        near = neighbours.nearest(
            queries, rows, config.num_neighbours, config.block_size
        )
        width = subject.space.stored_width if name == PIXELS else 1.0
        distances = near.distances * width
        sets = {"samples": distances[: len(samples)], "test": distances[len(samples) :]}
        tables[name] = _summary(sets, num_train)
        arrays[f"{name}_indices"] = near.indices[: len(samples)]
        arrays[f"{name}_distances"] = sets["samples"]
        unit = "pixels" if name == PIXELS else name
        label = f"L2 distance to the nearest training image ({unit})"
        figures[f"{name}_distances"] = charts.distance_histograms(
            {split: each[:, 0] for split, each in sets.items()}, "test", label
        )
        if grid.can_show(train.shape):
            figures[f"{name}_neighbours"] = _picture(
                config, train, samples, near, distances, unit
            )
    return Findings(
        tables={"distances": tables},
        figures=figures,
        arrays=arrays,
        details={name: each["sets"]["samples"] for name, each in tables.items()},
        notes={"common_neighbours": _common(arrays, spaces)},
    )


def _extractor(config, subject) -> Callable[[np.ndarray], np.ndarray]:
    network = config.network(subject.space, subject.classifier)

    def of_stored(stored):
        found = features.extract(network, stored.__getitem__, len(stored), config)
        return found.features

    return of_stored


def _summary(sets, num_train) -> dict:
    limit = float(np.quantile(sets["test"][:, 0], NEAR_SHARE))
    found = {}
    for name, distances in sets.items():
        first = distances[:, 0]
        found[name] = {
            "num": len(first),
            "median": float(np.median(first)),
            "min": float(first.min()),
            "near_share": float(np.mean(first < limit)),
        }
    return {"num_train": num_train, "near_limit": limit, "sets": found}


def _common(arrays, spaces) -> dict:
    """Returns the share of a sample's neighbours by pixels that others find too."""
    ours, shares = arrays[f"{PIXELS}_indices"], {}
    for name in spaces:
        if name != PIXELS:
            theirs = arrays[f"{name}_indices"]
            both = [len(np.intersect1d(a, b)) for a, b in zip(ours, theirs)]
            shares[name] = float(np.mean(both)) / ours.shape[1]
    return shares


def _picture(config, train, samples, near, distances, unit):
    shown = slice(0, config.num_shown)
    indices, num_axes = near.indices[: len(samples)][shown], len(train.shape)
    images = grid.as_images(train.gather(indices.ravel())[0], num_axes, train.space)
    return pictures.neighbours(
        grid.as_images(samples[shown], num_axes, train.space),
        images.reshape(*indices.shape, *images.shape[1:]),
        distances[: len(samples)][shown],
        f"Nearest training images; L2 distance ({unit})",
    )
