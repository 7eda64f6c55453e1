"""The log-likelihood of a trained energy, from both sides.

In order: a base fitted to training images; the inverse temperature that validation
images ask for; then, in independent runs, temperatures and step sizes from a pilot,
frozen; forward chains from the base (AIS: optimistic for the model); reverse chains
from images (RAISE: conservative for p_ann). What each side means, and in which form it
may be said, is in `ebm_tf.likelihood.replicates`.
"""

from typing import NamedTuple

import numpy as np

from ebm_tf import checks, rng
from ebm_tf.box import Box
from ebm_tf.likelihood import baselines, reported
from ebm_tf.likelihood.annealing import AisResult
from ebm_tf.likelihood.base import Base
from ebm_tf.likelihood.bounds import Bounds, bounds
from ebm_tf.likelihood.config import BaseConfig, LikelihoodConfig
from ebm_tf.likelihood.fit import fit_base
from ebm_tf.likelihood.temperature import TemperatureScan
from ebm_tf.model_likelihood import marks, scans
from ebm_tf.model_likelihood.annealer import Annealer
from ebm_tf.model_likelihood.likelihood_run import LikelihoodRun, Row, rows

_NUM_ENDS = 50
_NUM_RANDOM = 1000


class Images(NamedTuple):
    """Dequantized images, float32 `[N, ...]`, and labels, `int32 [N]`.

    Attributes:
        fit: Training images that the base is fitted to.
        fit_labels: Their classes.
        validation: What the inverse temperature is chosen by.
        test: What is reported.
        test_labels: Their classes.
        train: Training images, to compare.
        train_labels: Their classes.
    """

    fit: np.ndarray
    fit_labels: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray
    train: np.ndarray
    train_labels: np.ndarray


class Measured(NamedTuple):
    """What was found.

    Attributes:
        metrics: Numbers, as JSON holds them.
        scans: The scans over inverse temperatures, as far as there were any, by name:
            "uniform", and "base" or "raise".
        path: Along the first run of the row that counts, arrays `[C, K]`: "betas" are
            inverse temperatures between base (0) and target (1).
        ends: Where its forward chains ended, those of the largest weights first,
            50 of each class at most, `[C, M, ...]`.
        images: Of test images, nats: "raise", RAISE's log densities by the row that
            counts, `[R, N]`; "base", the base's, `[N]`. What models are compared by.
    """

    metrics: dict
    scans: dict[str, TemperatureScan | scans.RaiseScan]
    path: dict[str, np.ndarray]
    ends: np.ndarray
    images: dict[str, np.ndarray]


class _Counted(NamedTuple):
    """All runs of one row: paths and chains `[R][C]`, and bounds of each split."""

    annealers: list[list[Annealer]]
    forward: list[list[AisResult]]
    weights: np.ndarray
    found: dict[str, Bounds]


def measure_likelihood(
    chains: LikelihoodRun, images: Images, config: LikelihoodConfig, box: Box
) -> Measured:
    """Measures the log-likelihood of test and training images.

    Args:
        chains: Of the energy; made with `config`.
        images: The data.
        config: How.
        box: The state space.

    Raises:
        ValueError: If an energy is not finite, a fit fails, or a pilot run comes to
            no end.
    """
    fitted = images.fit, images.fit_labels, box
    bases = {"base": _base(chains, config.base, *fitted)}
    if config.second_base is not None:
        bases["second"] = _base(chains, config.second_base, *fitted)
    _require_finite(chains, box, images)
    beta, found_scans = config.beta, {}
    if beta is None:
        beta, found_scans = scans.find_beta(chains, bases["base"], images.validation)
    splits = {"test": images.test, "train": images.train}
    energies = {split: beta * chains.energies(x) for split, x in splits.items()}
    measured = {}
    for row in rows(config):
        wanted = splits if row.counts else {"test": images.test}
        measured[row] = _measure(chains, bases[row.base], beta, row, wanted, energies)
    [main] = (found for row, found in measured.items() if row.counts)
    base_log_prob = baselines.log_probs(bases["base"], images.test)
    metrics = {
        "unit": "nats",
        "beta": beta,
        "scans": {start: _best_of(scan) for start, scan in found_scans.items()},
        "uniform": {split: 0.0 - _log_volume(box, x) for split, x in splits.items()},
        "base": {
            split: _mean_log_prob(bases["base"], x) for split, x in splits.items()
        },
        "rows": _row_dicts(measured, splits, box),
        "marks": marks.of_rows({row: m.found["test"] for row, m in measured.items()}),
        "checks": marks.checks_done(config),
        "classes": [
            None if one is None else _as_dict(one, images.test, box)
            for one in _by_class(energies["test"], main, images.test_labels, config)
        ],
        "log_weights": [
            {"largest": float(np.max(weights)), "median": float(np.median(weights))}
            for weights in (
                np.concatenate([run[label].log_weights for run in main.forward])
                for label in range(chains.num_classes)
            )
        ],
    }
    per_image = {"raise": main.found["test"].densities, "base": base_log_prob}
    seen = _seen(main.annealers[0], main.forward[0])
    return Measured(metrics, found_scans, *seen, per_image)


def _base(chains: LikelihoodRun, config: BaseConfig, *fitted) -> Base:
    if config.kind == "model":
        return chains.own_base()
    return fit_base(config, *fitted)


def _measure(chains, base, beta, row: Row, splits, energies) -> _Counted:
    config = chains.config
    annealers, forward = [], []
    weights = {split: [] for split in splits}
    for replicate in range(config.num_replicates):
        ways = chains.annealers(base, beta, row, replicate)
        annealers.append(ways)
        forward.append(chains.forward(ways, row, replicate))
        for split, x in splits.items():
            weights[split].append(chains.reverse(ways, row, replicate, split, x))
    found = {
        split: _bounds(energies[split], forward, np.stack(weights[split]), config)
        for split in splits
    }
    return _Counted(annealers, forward, np.stack(weights["test"]), found)


def _bounds(energies, forward, weights, config: LikelihoodConfig) -> Bounds:
    return bounds(
        energies,
        forward,
        weights,
        resampled=config.resample,
        num_tried=config.num_tried,
    )


def _row_dicts(measured: dict[Row, _Counted], splits, box: Box) -> list[dict]:
    return [
        {
            "num_temperatures": row.num_temperatures,
            "num_leapfrog": row.num_leapfrog,
            "from": row.base,
            "counts": row.counts,
            "split": split,
        }
        | _as_dict(bounds_, splits[split], box)
        for row, one in measured.items()
        for split, bounds_ in one.found.items()
    ]


def _seen(annealers, forward) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Returns what runs to each class saw on their way, and where they ended."""
    path = {
        name: np.stack([getattr(run, name) for run in forward])
        for name in ("log_mean", "ess", "accept_prob")
    }
    path["betas"] = np.stack([annealer.betas[1:] for annealer in annealers])
    ends = [
        annealer.leave(run.x[np.argsort(-run.log_weights)[:_NUM_ENDS]])
        for annealer, run in zip(annealers, forward, strict=True)
    ]
    return path, np.stack(ends)


def _require_finite(chains: LikelihoodRun, box: Box, images: Images) -> None:
    """Looks at random points, as chains may come anywhere, and at the images."""
    shape = (_NUM_RANDOM, *images.test.shape[1:])
    parts = [box.uniform(rng.make_seed(0), shape).numpy(), images.test, images.train]
    energies = chains.energies(np.concatenate(parts))
    bad = int(np.sum(~np.isfinite(energies).all(axis=0)))
    found = f"an energy that is not finite at {bad} of {_NUM_RANDOM} random points "
    found += f"and {energies.shape[1] - _NUM_RANDOM} images"
    checks.require(bad == 0, "energy", "finite on the whole box", found)


def _best_of(scan: TemperatureScan | scans.RaiseScan) -> dict:
    ess = getattr(scan, "ess", None)
    return {
        "beta": scan.best_beta,
        "log_likelihood": float(scan.log_likelihood[scan.best]),
        "ess": None if ess is None else float(ess[scan.best]),
    }


def _by_class(energies, main: _Counted, labels, config) -> list[Bounds | None]:
    """Returns bounds of each class's images under that class; none if one class."""
    num, found = len(energies), []
    for label in range(num if num > 1 else 0):
        chosen, one = labels == label, slice(label, label + 1)
        if np.sum(chosen) < 2:
            found.append(None)
            continue
        forward = [run[one] for run in main.forward]
        weights = main.weights[:, one][..., chosen]
        found.append(_bounds(energies[one, chosen], forward, weights, config))
    return found


def _as_dict(found: Bounds, x: np.ndarray, box: Box) -> dict:
    num_dims = int(np.prod(x.shape[1:]))
    sides = {"ais": found.ais, "raise": found.raise_, "others": found.others}
    return {
        name: reported.to_dict(side, num_dims, box.stored_width)
        for name, side in sides.items()
    } | {"gap": None if found.gap is None else reported.to_dict(found.gap)}


def _log_volume(box: Box, x: np.ndarray) -> float:
    return box.log_volume(int(np.prod(x.shape[1:])))


def _mean_log_prob(base, x: np.ndarray) -> float:
    return float(np.mean(baselines.log_probs(base, x)))
