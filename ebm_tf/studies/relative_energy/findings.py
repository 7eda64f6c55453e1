"""The study of relative energies as a whole: numbers and histograms."""

import numpy as np

from ebm_tf import checks, conditions, rng
from ebm_tf.metrics import ranking
from ebm_tf.plots import charts
from ebm_tf.studies.common import energies
from ebm_tf.studies.contract import Findings, Subject
from ebm_tf.studies.relative_energy import RelativeEnergyConfig

_SHOWN = ("train", "validation", "test", "samples")
_SETS = (*_SHOWN, "noise")


def find(config: RelativeEnergyConfig, subject: Subject) -> Findings:
    """Takes energies; returns what `RelativeEnergyConfig.run` promises."""
    space = conditions.parts_of(subject.energy.condition_space).get("noise_level")
    levels = [None]
    if space is not None:
        found = np.geomspace(space.low, space.high, config.num_levels)
        levels = np.clip(found, space.low, space.high).tolist()
    evaluator, seed = energies.Evaluator(subject), rng.make_seed(subject.seed)
    values = [{} for _ in levels]
    for number, split in enumerate(_SETS):
        own = rng.fold_in(seed, number)
        x, labels = _states(config, subject, split, own)
        for place, level in enumerate(levels):
            y = x if level is None else _noised(x, level, rng.fold_in(own, place))
            values[place][split] = evaluator.energies(y, labels, level)
            done = number * len(levels) + place + 1
            subject.report(done, len(_SETS) * len(levels))
    rows = [_row(each, level) for each, level in zip(values, levels)]
    figures, arrays = {}, {}
    for place, each in enumerate(values):
        shown = {name: each[name] for name in _SHOWN}
        figures[f"energies_{place}"] = charts.energy_histograms(shown, "train")
        arrays |= {f"{split}_{place}": each[split] for split in each}
    return Findings(
        tables={"energies": {"unit": "nats", "rows": rows}},
        figures=figures,
        arrays=arrays,
        details={"train_below_test": rows[0]["train_below"]["test"]},
    )


def _states(config, subject, split, seed):
    """Returns states and labels of a set; noise is under labels of test examples."""
    if split == "samples":
        stored = np.asarray(subject.samples[: config.num_examples])
        return energies.decoded(subject, stored, seed), None
    examples = subject.examples["test" if split == "noise" else split]
    num = config.num_examples or examples.num_examples
    chosen = energies.choose(examples, num, subject.seed)
    if split == "noise":
        shape = chosen.stored.shape
        return subject.space.noise(seed, shape).numpy(), chosen.labels
    return energies.decoded(subject, chosen.stored, seed), chosen.labels


def _noised(x, level, seed) -> np.ndarray:
    return x + np.float32(level) * rng.normal(seed, x.shape).numpy()


def _row(values, level) -> dict:
    for split, each in values.items():
        bad = int(np.sum(~np.isfinite(each)))
        rule = "finite"
        checks.require(bad == 0, f"energies of {split}", rule, f"{bad} that are not")
    zero = values["train"].mean()
    row = {"level": level, "sets": {}, "train_below": {}}
    for split, each in values.items():
        std = float(each.std(ddof=1))
        row["sets"][split] = {
            "num": len(each),
            "relative_mean": float(each.mean() - zero),
            "standard_error": std / len(each) ** 0.5,
            "std": std,
        }
        if split != "train":
            area = ranking.auroc(values["train"], each)
            row["train_below"][split] = area._asdict()
    return row
