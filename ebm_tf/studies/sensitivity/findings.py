"""The study of sensitivity as a whole: rows, numbers, figures."""

import numpy as np

from ebm_tf import checks
from ebm_tf.metrics import classifier_summary, features, frechet
from ebm_tf.metrics.features.classifier import ClassifierFeatures
from ebm_tf.plots import charts, grid, pictures
from ebm_tf.studies.common import energies
from ebm_tf.studies.contract import Findings, Subject
from ebm_tf.studies.sensitivity import SensitivityConfig, training
from ebm_tf.studies.sensitivity.rows import ROWS

# Training images that samples are compared with, at most.
_NUM_TRAIN = 10_000
TEST = "test"


def find(config: SensitivityConfig, subject: Subject) -> Findings:
    """Trains and judges; returns what `SensitivityConfig.run` promises."""
    train, test = (subject.examples[name] for name in ("train", TEST))
    checks.require(len(train.shape) == 3, "--examples", "of images", train.shape)
    judge = _Judge(config, subject)
    chosen = energies.choose(test, config.num_samples, subject.seed)
    table, shown = {TEST: judge(chosen.stored)}, {}
    for index, name in enumerate(config.rows):
        changed = ROWS[name].change(config.network, config.objective)
        made = training.train(config, subject, changed)
        drawn = None
        if made.diverged is None:
            drawn = training.samples(config, subject, made.energy, changed)
        row = {"what": ROWS[name].what, "diverged": made.diverged, "gap": made.gap}
        table[name] = row | (_NOTHING if drawn is None else judge(drawn))
        if drawn is not None:
            shown[name] = drawn[: config.num_shown]
        subject.report(index + 1, len(config.rows))
    return Findings(
        tables={"rows": table},
        figures=_figures(table, shown, subject.space),
        arrays={f"samples_{name}": each for name, each in shown.items()},
        details={name: row["frechet"] for name, row in table.items()},
        notes={"num_updates": config.num_updates},
        shown=tuple(f"samples_{name}" for name in shown),
    )


# Of a row whose numbers are not finite.
_NOTHING = {"num": 0, "frechet": None, "sure": None, "rarest_class": None}


class _Judge:
    """Numbers of a set of stored images by the classifier of the data."""

    def __init__(self, config: SensitivityConfig, subject: Subject):
        self._settings = ClassifierFeatures()
        self._network = self._settings.network(subject.space, subject.classifier)
        self._confidence = config.confidence
        train = energies.choose(subject.examples["train"], _NUM_TRAIN, subject.seed)
        self._train = frechet.gaussian([self._features(train.stored).features])

    def _features(self, stored):
        gather, num = stored.__getitem__, len(stored)
        return features.extract(self._network, gather, num, self._settings)

    def __call__(self, stored: np.ndarray) -> dict:
        found = self._features(stored)
        whole = frechet.gaussian([found.features])
        summary = classifier_summary.summarize_probs(found.probs, self._confidence)
        return {
            "num": len(stored),
            "frechet": frechet.frechet_distance(self._train, whole),
            "sure": summary.confident_share,
            "rarest_class": min(summary.class_shares),
        }


def _figures(table, shown, space) -> dict:
    found = {n: row["frechet"] for n, row in table.items() if row["frechet"]}
    label = "Frechet distance to training images"
    figures = {
        "frechet": charts.log_bars({label: list(found.values())}, list(found), label)
    }
    first = next(iter(shown.values()), None)
    if first is not None and grid.can_show(first.shape[1:]):
        states = np.concatenate(list(shown.values()))
        images = grid.as_images(states, 3, space)
        columns, titles = len(first), []
        for name in shown:  # a word above each of the first images
            words = name.split("_")[:columns]
            titles += [*words, *[""] * (columns - len(words))]
        figures["samples"] = pictures.image_grid(images, columns, titles)
    return figures
