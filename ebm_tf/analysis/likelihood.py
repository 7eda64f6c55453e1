"""The log-likelihood of a trained energy, from both sides.

In order: the inverse temperature that validation images ask for; a base fitted to
training images; temperatures and step sizes from a pilot run, frozen; forward chains
from the base (AIS: optimistic for the model); reverse chains from images (RAISE:
conservative for p_ann). What each side means is in `ebm_tf.likelihood.estimate`.
"""

from typing import NamedTuple

import numpy as np

from ebm_tf.analysis.likelihood_run import LikelihoodRun
from ebm_tf.box import Box
from ebm_tf.likelihood import estimate
from ebm_tf.likelihood.bounds import Bounds, bounds
from ebm_tf.likelihood.config import LikelihoodConfig
from ebm_tf.likelihood.fit import fit_base
from ebm_tf.likelihood.temperature import TemperatureScan

_NUM_ENDS = 50


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
        scan: The scan over inverse temperatures, or None if one was given.
        path: Along the run of most temperatures, arrays `[C, K]`: "betas" are
            inverse temperatures between base (0) and target (1).
        ends: Where its forward chains ended, those of the largest weights first,
            50 of each class at most, `[C, M, ...]`.
    """

    metrics: dict
    scan: TemperatureScan | None
    path: dict[str, np.ndarray]
    ends: np.ndarray


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
    scan = chains.scan(images.validation) if config.beta is None else None
    beta = config.beta if scan is None else scan.best_beta
    base = fit_base(config.base, images.fit, images.fit_labels, box)
    splits = {"test": images.test, "train": images.train}
    energies = {split: beta * chains.energies(x) for split, x in splits.items()}
    metrics = {
        "unit": "nats",
        "beta": beta,
        "uniform": {split: 0.0 - _log_volume(box, x) for split, x in splits.items()},
        "base": {split: _mean_log_prob(base, x) for split, x in splits.items()},
        "rows": [],
    }
    for num in config.num_temperatures:
        annealers = chains.annealers(base, beta, num)
        forward = chains.forward(annealers)
        last = num == config.num_temperatures[-1]
        for split in ("test", "train") if last else ("test",):
            weights = chains.reverse(annealers, split, splits[split])
            found = bounds(energies[split], forward, weights)
            metrics["rows"].append(
                {"num_temperatures": num, "split": split}
                | _as_dict(found, splits[split], box)
            )
            if split == "test":
                own = _by_class(energies["test"], forward, weights, images.test_labels)
    metrics["classes"] = [
        None if one is None else _as_dict(one, images.test, box) for one in own
    ]
    path = {
        name: np.stack([getattr(run, name) for run in forward])
        for name in ("log_mean", "ess", "accept_prob")
    }
    path["betas"] = np.stack([annealer.betas[1:] for annealer in annealers])
    ends = np.stack(
        [run.x[np.argsort(-run.log_weights)[:_NUM_ENDS]] for run in forward]
    )
    return Measured(metrics, scan, path, ends)


def _by_class(energies, forward, weights, labels) -> list[Bounds | None]:
    """Returns bounds of each class's images under that class; none if one class."""
    found = []
    for label in range(len(forward) if len(forward) > 1 else 0):
        rows, one = labels == label, slice(label, label + 1)
        enough = np.sum(rows) >= 2
        found.append(
            bounds(energies[one, rows], forward[one], weights[one, :, rows])
            if enough
            else None
        )
    return found


def _as_dict(found: Bounds, x: np.ndarray, box: Box) -> dict:
    bin_width = (box.high - box.low) / box.num_levels
    num_dims = int(np.prod(x.shape[1:]))
    values = {"gap": found.gap, "gap_error": found.gap_error}
    for name, side in (("ais", found.ais), ("raise", found.raise_)):
        values[name] = side._asdict() | {
            "bits_per_dim": estimate.bits_per_dim(side.value, num_dims, bin_width)
        }
    return values


def _log_volume(box: Box, x: np.ndarray) -> float:
    return box.log_volume(int(np.prod(x.shape[1:])))


def _mean_log_prob(base, x: np.ndarray) -> float:
    return float(np.mean(base.log_prob(x), dtype=np.float64))
