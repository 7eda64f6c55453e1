"""The study of trajectories as a whole: completions, samples, tables, figures."""

import numpy as np

from ebm_tf import checks, rng
from ebm_tf.metrics import frechet
from ebm_tf.plots import charts, paths
from ebm_tf.studies.common import energies
from ebm_tf.studies.contract import Findings, Subject
from ebm_tf.studies.trajectories import TrajectoriesConfig, completion, predictors

# What the energy's guesses are called in tables and figures.
DRAW, MEAN = "energy, one draw", "energy, mean of draws"
LOWEST = "energy, lowest draw"
# Whose paths a picture of a completion shows beside the draws.
_BESIDE = "linear"


def find(config: TrajectoriesConfig, subject: Subject) -> Findings:
    """Completes and compares; returns what `TrajectoriesConfig.run` promises."""
    seed = rng.make_seed(subject.seed)
    train, test = (
        _states(subject, split, num, rng.fold_in(seed, number))
        for number, (split, num) in enumerate(
            [("train", config.num_train), ("test", config.num_examples)]
        )
    )
    num_moments = test[0].shape[1]
    is_known = predictors.known_moments(num_moments, config.num_start, config.num_end)
    num = len(train[0])
    rule = f"at most the training trajectories there are, {num}"
    is_fine = config.num_neighbours <= num
    checks.require(is_fine, "num_neighbours", rule, config.num_neighbours)
    is_unknown = np.repeat(~is_known[:, None], test[0].shape[2], axis=1)
    drawn = completion.draws(subject, *test, is_unknown, config.num_draws)
    guesses = predictors.predictions(train[0], test[0], is_known, config.num_neighbours)
    values = completion.values(subject, drawn, test[1])
    lowest = drawn[np.arange(len(drawn)), values.argmin(axis=1)]
    guesses = {LOWEST: lowest[:, ~is_known], **guesses}
    table = _completion(drawn[:, :, ~is_known], guesses, test[0][:, ~is_known])
    table["mean_gap_of_energies"] = float(_gaps(values).mean())
    table["moments"] = np.flatnonzero(~is_known).tolist()
    samples, sample_table = _samples(config, subject, train[0], seed)
    figures = _figures(config, table, test[0], drawn, guesses, is_known)
    figures["samples"] = _sample_figure(config, samples)
    return Findings(
        tables={"completion": table, "samples": sample_table},
        figures=figures,
        arrays={"truth": test[0], "draws": drawn, "energies": values},
        details={name: row["error"] for name, row in table["predictors"].items()},
        notes={"sampler": subject.sampler.kind},
    )


def _states(subject, split, num, seed) -> tuple[np.ndarray, np.ndarray]:
    """Returns states of a split, float32 `[N, T, D]`, and their labels."""
    chosen = energies.choose(subject.examples[split], num, subject.seed)
    return energies.decoded(subject, chosen.stored, seed), chosen.labels


def _gaps(values) -> np.ndarray:
    """Returns the energies of the draws less that of the lowest, nats."""
    return values - values.min(axis=1, keepdims=True)


def _completion(drawn, guesses, truth) -> dict:
    """Returns the table of errors of the unknown moments.

    Args:
        drawn: `[N, K, U, D]`.
        guesses: Each `[N, U, D]`, by the predictor's name.
        truth: `[N, U, D]`.
    """
    bad = int(np.sum(~np.isfinite(drawn)))
    checks.require(bad == 0, "draws", "finite", f"{bad} numbers that are not")
    # Of one draw all are looked at, each by itself: fewer errors of chance.
    squares = {DRAW: np.square(drawn - truth[:, None]).mean(axis=1)}
    whole = {MEAN: drawn.mean(axis=1), **guesses}
    squares |= {name: np.square(each - truth) for name, each in whole.items()}
    spread = drawn.var(axis=1, ddof=1, dtype=np.float64)
    of_mean = squares["mean"].mean()
    rows = {
        name: _row(each.astype(np.float64), of_mean) for name, each in squares.items()
    }
    return {
        "num": len(truth),
        "num_draws": drawn.shape[1],
        "variance_of_draws": float(spread.mean()),
        "predictors": rows,
    }


def _row(square, of_mean) -> dict:
    """Returns what is said of squared errors `[N, U, D]`."""
    each = square.mean(axis=(1, 2))
    return {
        "error": float(each.mean()),
        "standard_error": float(each.std(ddof=1) / np.sqrt(len(each))),
        "share_of_mean": float(each.mean() / of_mean) if of_mean else None,
        "root_by_moment": np.sqrt(square.mean(axis=(0, 2))).tolist(),
        "root_by_number": np.sqrt(square.mean(axis=(0, 1))).tolist(),
    }


def _samples(config, subject, train, seed) -> tuple[dict, dict]:
    """Returns sets of trajectories by name, and the table of how they move."""
    stored = np.asarray(subject.samples)
    samples = energies.decoded(subject, stored, rng.fold_in(seed, 2))
    num = min(len(samples), subject.examples["test"].num_examples)
    test, _ = _states(subject, "test", num, rng.fold_in(seed, 3))
    noise = subject.space.noise(rng.fold_in(seed, 4), samples.shape).numpy()
    sets = {"test": test, "samples": samples, "noise": noise}
    law = predictors.LinearLaw(train)
    width = int(np.prod(train.shape[1:]))
    is_enough = min(map(len, (train, *sets.values()))) > width
    whole = _gaussian(train) if is_enough else None
    table = {}
    for name, x in sets.items():
        moves = np.abs(np.diff(x, axis=1)).mean(axis=(1, 2))
        distance = frechet.frechet_distance(whole, _gaussian(x)) if is_enough else None
        table[name] = {
            "num": len(x),
            "move": _mean(moves),
            "off_the_linear_law": _mean(law.errors(x)),
            "frechet": distance,
        }
    return sets, table


def _gaussian(x) -> frechet.Gaussian:
    return frechet.gaussian([x.reshape(len(x), -1)])


def _mean(values) -> dict:
    values = np.asarray(values, np.float64)
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else None
    return {"mean": float(values.mean()), "standard_error": error}


def _figures(config, table, truth, drawn, guesses, is_known) -> dict:
    shown, numbers = slice(0, config.num_shown), list(config.shown)
    lines = {"draws": drawn[shown][..., numbers]}
    for name in (_BESIDE, LOWEST):
        whole = truth.copy()
        whole[:, ~is_known] = guesses[name]
        lines[name] = whole[shown, None][..., numbers]
    lines["truth"] = truth[shown, None][..., numbers]
    shown_curves = (LOWEST, MEAN, "linear", "neighbours")
    curves = {
        name: (np.array(table["moments"]), np.array(row["root_by_moment"]))
        for name, row in table["predictors"].items()
        if name in shown_curves
    }
    label = "root mean squared error of a number"
    return {
        "completion": paths.against_time(lines, numbers, np.flatnonzero(is_known)),
        "errors": charts.curves(curves, "moment", label),
    }


def _sample_figure(config, sets):
    numbers = list(config.shown)
    some = {
        name: x[None, : 5 * config.num_shown][..., numbers]
        for name, x in sets.items()
        if name != "noise"
    }
    return paths.side_by_side(some, numbers)
