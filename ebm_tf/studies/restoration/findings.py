"""The study of restoration as a whole: damage, chains, errors, figures."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.energy.build import bind_condition
from ebm_tf.plots import charts, grid, pictures
from ebm_tf.sampling.chain_batches import ChainBatches, Target, frame_steps
from ebm_tf.studies.common import energies
from ebm_tf.studies.common.masked import MaskedEnergy
from ebm_tf.studies.contract import Findings, Subject
from ebm_tf.studies.restoration import RestorationConfig

_SPLITS = ("train", "test")
# Training images whose mean is put in the place of what is missing.
_NUM_MEAN = 2000


class Damaged(NamedTuple):
    """Images before and after.

    Attributes:
        truth: Float32 `[N, H, W, C]`.
        start: Where chains begin, the same shape.
        is_unknown: Coordinates that chains run on, bool `[H, W, C]`.
        labels: Of the images.
    """

    truth: np.ndarray
    start: np.ndarray
    is_unknown: np.ndarray
    labels: np.ndarray


class Restored(NamedTuple):
    """Images of a split at T looks.

    Attributes:
        errors: Mean squared errors of a coordinate, `[T, N]`.
        shown: Some images as they are stored, `[T, S, H, W, C]`.
        truth: The same images before, `[S, H, W, C]`.
    """

    errors: np.ndarray
    shown: np.ndarray
    truth: np.ndarray


def find(config: RestorationConfig, subject: Subject) -> Findings:
    """Restores images; returns what `RestorationConfig.run` promises."""
    rule = "a box: an open space has no darkest and no brightest state"
    checks.require(subject.space.is_bounded, "space", rule, str(subject.space))
    tables, figures, arrays, details = {}, {}, {}, {}
    steps = frame_steps(subject.sampler.num_steps, config.num_looks)
    parts = [(damage, split) for damage in config.damages for split in _SPLITS]
    mean = _mean_image(subject)
    for number, (damage, split) in enumerate(parts):
        damaged = _damaged(config, subject, damage, split, number)
        restored = _restore(config, subject, damage, damaged, (steps, number, parts))
        rows = tables.setdefault(damage, {"steps": steps})
        rows[split] = _row(restored, damaged, mean)
        details[f"{damage}_{split}"] = rows[split]["error"][-1]
        if split == "test":
            curves = {
                name: (np.array(steps), np.array(rows[name]["error"]))
                for name in _SPLITS
            }
            label = "mean squared error of a pixel"
            figures[f"{damage}_errors"] = charts.curves(curves, "steps", label)
            arrays[damage] = restored.shown
            if grid.can_show(subject.energy.state_shape):
                figures[damage] = _picture(restored, steps, subject.space)
    return Findings(
        tables=tables,
        figures=figures,
        arrays=arrays,
        details=details,
        notes={"sampler": subject.sampler.kind},
        shown=tuple(arrays),
    )


def _mean_image(subject) -> np.ndarray:
    stored = energies.choose(subject.examples["train"], _NUM_MEAN, subject.seed).stored
    return subject.space.center(tf.constant(stored)).numpy().mean(axis=0)


def _damaged(config, subject, damage, split, number) -> Damaged:
    chosen = energies.choose(subject.examples[split], config.num_images, subject.seed)
    seed = rng.fold_in(rng.make_seed(subject.seed), number)
    decode_seed, noise_seed = rng.split(seed, 2)
    truth = energies.decoded(subject, chosen.stored, decode_seed)
    if damage == "lower_half":
        is_unknown = np.zeros(truth.shape[1:], bool)
        is_unknown[truth.shape[1] // 2 :] = True
        noise = subject.space.noise(noise_seed, truth.shape).numpy()
        start = np.where(is_unknown, noise, truth)
    else:
        is_unknown = np.ones(truth.shape[1:], bool)
        start = salted(truth, config.salt_share, subject.space, noise_seed)
    return Damaged(truth, start, is_unknown, chosen.labels)


def salted(truth: np.ndarray, share: float, space, seed) -> np.ndarray:
    """Returns images with salt and pepper on them.

    Args:
        truth: `[N, H, W, C]`.
        share: Of the pixels of an image, all channels of each alike: half of them go
            to a tenth of the range, half to nine tenths.
        space: A box.
        seed: `int32[2]`.
    """
    drawn = rng.uniform(seed, [*truth.shape[:3], 1]).numpy()
    dark, bright = (space.low + part * (space.high - space.low) for part in (0.1, 0.9))
    bright_ones = np.where(drawn < share, np.float32(bright), truth)
    return np.where(drawn < share / 2.0, np.float32(dark), bright_ones)


def _restore(config, subject, damage, damaged, place) -> Restored:
    steps, number, parts = place
    sampler = config.sampler_for(damage, subject.sampler)
    kernel_at = sampler.kernel_at(subject.space)
    is_unknown = tf.constant(damaged.is_unknown)

    def target(asked):
        bound = bind_condition(subject.energy, asked["condition"])
        masked = MaskedEnergy(bound, asked["known"], is_unknown, asked["noise"])
        return Target(masked if damage == "lower_half" else bound, kernel_at)

    seed = rng.fold_in(rng.make_seed(subject.seed), len(parts) + number)
    shape = (energies.BATCH_SIZE, *subject.energy.state_shape)
    chains = ChainBatches(
        target, subject.space, shape=shape, seed=seed, jit=subject.jit
    )
    num = len(damaged.truth)
    errors, shown = np.empty((len(steps), num)), [[] for _ in steps]
    for index, rows in enumerate(energies.batches(num)):
        truth, labels = damaged.truth[rows], damaged.labels[rows]
        asked = {
            "condition": energies.condition_of(
                subject.energy.condition_space, len(truth), labels
            ),
            "known": tf.constant(truth),
            "noise": rng.normal(rng.fold_in(seed, -1 - index), truth.shape),
        }
        start = subject.space.encode(tf.constant(damaged.start[rows])).numpy()
        for look, step in enumerate(chains.batch(index, asked, steps, start)):
            # Of noise levels, states on the way lie beyond the box.
            x = subject.space.clip(step.x).numpy()
            x = np.where(damaged.is_unknown, x, truth)
            gap = np.reshape(x - truth, [len(x), -1])
            errors[look, rows] = np.square(gap).mean(axis=1)
            stored = subject.space.encode(tf.constant(x[: config.num_shown])).numpy()
            shown[look].append(stored[: max(0, config.num_shown - rows.start)])
            done = number + (rows.start + len(x) * look / (len(steps) - 1)) / num
            subject.report(round(1000 * done), 1000 * len(parts))
    truth = subject.space.encode(tf.constant(damaged.truth[: config.num_shown])).numpy()
    return Restored(errors, np.stack([np.concatenate(part) for part in shown]), truth)


def _row(restored, damaged, mean) -> dict:
    errors = restored.errors
    filled = np.where(damaged.is_unknown, mean, damaged.truth) - damaged.truth
    spread = errors.std(axis=1, ddof=1) / np.sqrt(errors.shape[1])
    return {
        "num": errors.shape[1],
        "error": errors.mean(axis=1).tolist(),
        "standard_error": spread.tolist(),
        "error_of_mean_image": float(np.square(filled).mean()),
    }


def _picture(restored, steps, space):
    """Draws a row for each image: before, damaged, and as it was restored."""
    columns = np.concatenate([restored.truth[None], restored.shown])
    rows = np.swapaxes(columns, 0, 1)
    images = grid.as_images(rows.reshape([-1, *rows.shape[2:]]), 3, space)
    titles = ["truth", *(f"{step:,}" for step in steps)]
    blank = [""] * (len(images) - len(titles))
    return pictures.image_grid(images, len(titles), titles + blank)
