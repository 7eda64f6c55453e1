"""The log-likelihood of a trained energy, from both sides.

In order: a base fitted to training images; the inverse temperature that validation
images ask for; temperatures and step sizes from a pilot run, frozen; forward chains
from the base (AIS: optimistic for the model); reverse chains from images (RAISE:
conservative for p_ann). What each side means is in `ebm_tf.likelihood.estimate`.
"""

from typing import NamedTuple

import numpy as np

from ebm_tf import checks, rng
from ebm_tf.box import Box
from ebm_tf.likelihood import estimate
from ebm_tf.likelihood.bounds import Bounds, bounds
from ebm_tf.likelihood.config import LikelihoodConfig
from ebm_tf.likelihood.fit import fit_base
from ebm_tf.likelihood.temperature import TemperatureScan
from ebm_tf.model_likelihood.likelihood_run import LikelihoodRun

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
        scans: The scan over inverse temperatures and the one around its best, as
            far as there were any, by where they start: "uniform" and "base".
        path: Along the run of most temperatures, arrays `[C, K]`: "betas" are
            inverse temperatures between base (0) and target (1).
        ends: Where its forward chains ended, those of the largest weights first,
            50 of each class at most, `[C, M, ...]`.
    """

    metrics: dict
    scans: dict[str, TemperatureScan]
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
    base = fit_base(config.base, images.fit, images.fit_labels, box)
    _require_finite(chains, box, images)
    beta, scans = config.beta, {}
    if beta is None:
        scans = _scans(chains, base, images.validation, config)
        beta = list(scans.values())[-1].best_beta
    splits = {"test": images.test, "train": images.train}
    energies = {split: beta * chains.energies(x) for split, x in splits.items()}
    metrics = {
        "unit": "nats",
        "beta": beta,
        "scans": {start: _best_of(scan) for start, scan in scans.items()},
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
    metrics["log_weights"] = [
        {
            "largest": float(np.max(run.log_weights)),
            "median": float(np.median(run.log_weights)),
        }
        for run in forward
    ]
    return Measured(metrics, scans, *_seen(annealers, forward))


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


def _scans(chains, base, validation, config) -> dict[str, TemperatureScan]:
    scans = {"uniform": chains.scan(validation)}
    if config.scan.span is not None:
        beta = scans["uniform"].best_beta
        scans["base"] = chains.scan_around(beta, base, validation)
    return scans


def _best_of(scan: TemperatureScan) -> dict:
    return {
        "beta": scan.best_beta,
        "log_likelihood": float(scan.log_likelihood[scan.best]),
        "ess": float(scan.ess[scan.best]),
    }


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
