"""The study of conversions as a whole: chains, the classifier, figures."""

from typing import NamedTuple

import numpy as np

from ebm_tf import rng
from ebm_tf.energy.build import bind_condition
from ebm_tf.metrics.classifier import class_probs
from ebm_tf.plots import charts, grid, pictures
from ebm_tf.sampling.chain_batches import ChainBatches, Target, frame_steps
from ebm_tf.studies.common import energies
from ebm_tf.studies.contract import Findings, Subject
from ebm_tf.studies.conversion import ConversionConfig


class Walks(NamedTuple):
    """N images that walked, at T looks.

    Attributes:
        steps: Steps done, T of them.
        sources: The classes that they came from, int `[N]`.
        asked: The classes that they were to become, int `[N]`.
        predicted: What the classifier finds, int `[T, N]`.
        correlation: Mean correlation with the image at the start, `[T]`.
        change: Root mean square change of a coordinate, `[T]`.
        strip: Some of them, as they are stored, `[T, S, ...]`.
    """

    steps: list[int]
    sources: np.ndarray
    asked: np.ndarray
    predicted: np.ndarray
    correlation: np.ndarray
    change: np.ndarray
    strip: np.ndarray


def find(config: ConversionConfig, subject: Subject) -> Findings:
    """Runs the chains; returns what `ConversionConfig.run` promises."""
    test = subject.examples["test"]
    chosen = energies.choose(test, config.num_images, subject.seed)
    asked = targets(chosen.labels, subject.energy.num_classes)
    walks = _walk(config, subject, chosen, asked)
    arrived, stayed = (
        (walks.predicted == classes).mean(axis=1) for classes in (asked, chosen.labels)
    )
    looks = {
        "steps": walks.steps,
        "target_share": arrived.tolist(),
        "source_share": stayed.tolist(),
        "correlation": walks.correlation.tolist(),
        "change": walks.change.tolist(),
    }
    share, num = arrived[-1], len(asked)
    details = {
        "num_images": num,
        "target_share": float(share),
        "standard_error": float(np.sqrt(share * (1.0 - share) / num)),
        "correlation": float(walks.correlation[-1]),
        "unrelated_correlation": _unrelated(chosen, asked),
    }
    return Findings(
        tables={"looks": looks, "pairs": _pairs(walks, subject)},
        figures=_figures(walks, looks, details, subject),
        arrays={"strip": walks.strip},
        details=details,
        notes={"asked": asked[: config.num_shown].tolist()},
        shown=("strip",),
    )


def targets(sources: np.ndarray, num_classes: int) -> np.ndarray:
    """Returns another class for each image: each of the others in turn, by class."""
    turn = np.zeros(len(sources), np.int64)
    for label in range(num_classes):
        rows = np.flatnonzero(sources == label)
        turn[rows] = np.arange(len(rows)) % (num_classes - 1)
    return ((sources + 1 + turn) % num_classes).astype(np.int32)


def correlations(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Returns the correlation of each row's coordinates with the other's, `[N]`.

    It is 0 where all coordinates of a row are alike.
    """
    x, y = (np.reshape(a, [len(a), -1]).astype(np.float64) for a in (x, y))
    x, y = (a - a.mean(axis=1, keepdims=True) for a in (x, y))
    size = np.sqrt((x * x).sum(axis=1) * (y * y).sum(axis=1))
    return (x * y).sum(axis=1) / np.where(size > 0.0, size, 1.0)


def _walk(config, subject, chosen, asked) -> Walks:
    steps = frame_steps(subject.sampler.num_steps, config.num_looks)
    kernel_at = subject.sampler.kernel_at(subject.space)
    chains = ChainBatches(
        lambda condition: Target(bind_condition(subject.energy, condition), kernel_at),
        subject.space,
        shape=(energies.BATCH_SIZE, *subject.energy.state_shape),
        seed=rng.make_seed(subject.seed),
        jit=subject.jit,
    )
    num, total = len(asked), len(asked) * subject.sampler.num_steps
    predicted = np.empty((len(steps), num), np.int64)
    alike, change = np.empty((2, len(steps), num))
    frames = [[] for _ in steps]
    for index, rows in enumerate(energies.batches(num)):
        stored = chosen.stored[rows]
        condition = energies.condition_of(
            subject.energy.condition_space, len(stored), asked[rows]
        )
        first = None
        for look, step in enumerate(chains.batch(index, condition, steps, stored)):
            x = step.x.numpy()
            first = x if first is None else first
            ends = subject.space.encode(step.x).numpy()
            predicted[look, rows] = _predicted(subject.classifier, ends)
            alike[look, rows] = correlations(x, first)
            moved = np.reshape(x - first, [len(x), -1])
            change[look, rows] = np.square(moved).mean(axis=1)
            frames[look].append(ends[: max(0, config.num_shown - rows.start)])
            subject.report(rows.start * steps[-1] + len(x) * steps[look], total)
    return Walks(
        steps,
        chosen.labels,
        asked,
        predicted,
        alike.mean(axis=1),
        np.sqrt(change.mean(axis=1)),
        np.stack([np.concatenate(parts) for parts in frames]),
    )


def _predicted(classifier, stored) -> np.ndarray:
    return class_probs(classifier, stored.__getitem__, len(stored)).argmax(axis=1)


def _unrelated(chosen, asked) -> float | None:
    """Returns the correlation of images with others of the class asked for."""
    random, found = np.random.default_rng(0), []
    for label in np.unique(asked):
        rows, others = (np.flatnonzero(c == label) for c in (asked, chosen.labels))
        if len(others):
            picked = random.choice(others, len(rows))
            found.append(correlations(chosen.stored[rows], chosen.stored[picked]))
    return float(np.concatenate(found).mean()) if found else None


def _pairs(walks, subject) -> dict:
    """Returns the share that arrived, by source and target; None where none went."""
    num = subject.energy.num_classes
    shares = [[None] * num for _ in range(num)]
    for source, target in np.unique(np.stack([walks.sources, walks.asked], 1), axis=0):
        rows = (walks.sources == source) & (walks.asked == target)
        share = float(np.mean(walks.predicted[-1, rows] == target))
        shares[int(source)][int(target)] = share
    names = list(subject.class_names or map(str, range(num)))
    return {"class_names": names, "from_to": shares}


def _figures(walks, looks, details, subject) -> dict:
    steps = np.array(walks.steps)
    kept = {"with the image at the start": (steps, walks.correlation)}
    if details["unrelated_correlation"] is not None:
        level = np.full(len(steps), details["unrelated_correlation"])
        kept["of unrelated images of the two classes"] = steps, level
    figures = {
        "shares": charts.curves(
            {
                "the class asked for": (steps, np.array(looks["target_share"])),
                "the class it came from": (steps, np.array(looks["source_share"])),
            },
            "steps",
            "share of images, by the classifier",
        ),
        "kept": charts.curves(kept, "steps", "correlation of pixels"),
    }
    shape = subject.energy.state_shape
    if grid.can_show(shape):
        frames = grid.as_images(walks.strip, len(shape), subject.space)
        title = "Steps from an image of another class"
        figures["strip"] = pictures.film_strip(frames, walks.steps, title)
    return figures
