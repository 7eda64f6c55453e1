"""The study of attacks as a whole: accuracies against radii, figures."""

import numpy as np

from ebm_tf import checks, rng
from ebm_tf.plots import charts
from ebm_tf.studies.common import energies
from ebm_tf.studies.contract import Findings, Subject
from ebm_tf.studies.robustness import RobustnessConfig, attack, classifiers

# Images that are attacked together: each is there once for every class.
_BATCH_SIZE = 100


def find(config: RobustnessConfig, subject: Subject) -> Findings:
    """Attacks the energy and the classifier; see `RobustnessConfig.run`."""
    rule = "a box: an attack may go to its ends"
    checks.require(subject.space.is_bounded, "space", rule, str(subject.space))
    energies.require_level(subject.energy.condition_space, config.level)
    chosen = energies.choose(subject.examples["test"], config.num_images, subject.seed)
    seed = rng.make_seed(subject.seed)
    x = energies.decoded(subject, chosen.stored, seed)
    refinement = config.refinement
    models = {
        "energy": classifiers.by_energy(
            subject.energy, subject.space, config.level, refinement
        ),
        "classifier": classifiers.by_network(subject.classifier, subject.space),
    }
    everywhere = float(subject.space.high - subject.space.low)
    radii = {"linf": config.linf, "l2": config.l2}
    radii["linf"] = *radii["linf"], everywhere  # the last is the check
    total, done, tables = sum(map(len, radii.values())) * len(models), 0, {}
    for norm, asked in radii.items():
        tables[norm] = {"radius": [0.0, *asked]}
        for name, logits_fn in models.items():
            attacker = attack.Attack(
                logits_fn, norm, subject.space, config.attack_steps, subject.jit
            )

            def report(count, done=done):
                subject.report(done + count, total)

            tables[norm][name] = _accuracies(
                attacker, (x, chosen.labels), asked, seed, report
            )
            done += len(asked)
    check = {name: tables["linf"][name].pop() for name in models}
    tables["linf"]["radius"].pop()
    tables = {norm: rows for norm, rows in tables.items() if len(rows["radius"]) > 1}
    first = next(iter(tables.values()))
    return Findings(
        tables=tables | {"check": {"radius": everywhere, "accuracy": check}},
        figures={norm: _figure(rows, norm) for norm, rows in tables.items()},
        details={
            "num_images": len(x),
            "clean_accuracy": {name: first[name][0] for name in models},
            "checked_accuracy": check,
        },
        notes={"refined": refinement is not None},
    )


def _accuracies(attacker, images, radii, seed, report) -> list[float]:
    """Returns the accuracy without an attack, and at each radius.

    What was mistaken at a smaller radius is mistaken at a larger one.
    """
    x, labels = images
    mistaken = np.zeros([len(radii) + 1, len(x)], bool)
    for place, radius in enumerate(radii):
        for rows in energies.batches(len(x), _BATCH_SIZE):
            own = rng.fold_in(rng.fold_in(seed, rows.start), place)
            worst, clean = attacker.worst(x[rows], labels[rows], radius, own)
            mistaken[place + 1, rows] = worst >= 0.0
            mistaken[0, rows] = clean >= 0.0
        report(place + 1)
    mistaken = np.logical_or.accumulate(mistaken, axis=0)
    return (1.0 - mistaken.mean(axis=1)).tolist()


def _figure(rows, norm):
    radii = np.array(rows["radius"])
    series = {name: (radii, np.array(rows[name])) for name in ("energy", "classifier")}
    label = {"linf": "largest change of a pixel", "l2": "L2 length of the change"}
    return charts.curves(series, label[norm], "accuracy under attack")
