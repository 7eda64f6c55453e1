"""The study of calibration as a whole: energies of classes, a temperature, figures."""

import numpy as np

from ebm_tf import rng
from ebm_tf.metrics import calibration
from ebm_tf.plots import charts
from ebm_tf.studies.calibration import CalibrationConfig
from ebm_tf.studies.common import energies
from ebm_tf.studies.contract import Findings, Subject


def find(config: CalibrationConfig, subject: Subject) -> Findings:
    """Measures both; returns what `CalibrationConfig.run` promises."""
    energies.require_level(subject.energy.condition_space, config.level)
    evaluator = energies.Evaluator(subject)
    logits, labels = {}, {}
    for number, split in enumerate(("validation", "test")):
        chosen = energies.choose(
            subject.examples[split], config.num_images, subject.seed
        )
        seed = rng.fold_in(rng.make_seed(subject.seed), number)
        x = energies.decoded(subject, chosen.stored, seed)
        logits[split] = -evaluator.of_classes(x, config.level)
        labels[split] = chosen.labels
        subject.report(number + 1, 2)
    temperature = calibration.best_temperature(
        logits["validation"], labels["validation"]
    )
    table, series = {}, {}
    for name, scale in (("as_trained", 1.0), ("scaled", temperature)):
        num_bins = min(config.num_bins, len(labels["test"]))
        found = calibration.calibration(
            logits["test"] / scale, labels["test"], num_bins
        )
        plain = {k: np.asarray(v).tolist() for k, v in found._asdict().items()}
        table[name] = plain | {"temperature": scale}
        series[name] = found.confidences, found.accuracies
    whole = np.array([0.0, 1.0])
    series["as sure as right"] = whole, whole
    figure = charts.curves(
        series, "mean probability of the likeliest class", "share that is right"
    )
    shown = ("accuracy", "error", "floor", "log_loss", "brier", "temperature")
    return Findings(
        tables={"calibration": table},
        figures={"reliability": figure},
        details={n: {k: row[k] for k in shown} for n, row in table.items()},
        notes={"num_images": len(labels["test"])},
    )
