"""The study of other images as a whole: sets, scores, areas, figures."""

import numpy as np

from ebm_tf import checks, rng
from ebm_tf.metrics import ranking
from ebm_tf.plots import charts, grid, pictures
from ebm_tf.studies.common import energies
from ebm_tf.studies.contract import Findings, Subject
from ebm_tf.studies.out_of_distribution import (
    OutOfDistributionConfig,
    generated,
    scores,
)


def find(config: OutOfDistributionConfig, subject: Subject) -> Findings:
    """Scores the sets; returns what `OutOfDistributionConfig.run` promises."""
    rule = "a box: images of other kinds are made in its range"
    checks.require(subject.space.is_bounded, "space", rule, str(subject.space))
    energies.require_level(subject.energy.condition_space, config.level)
    choose = energies.choose
    test = choose(subject.examples["test"], config.num_images, subject.seed).stored
    train = choose(subject.examples["train"], config.num_train, subject.seed).stored
    seed = rng.make_seed(subject.seed)
    scorer = scores.Scores(subject, train, config.level, config.num_levels, seed)
    names = [*config.generated, *config.examples]
    found, shown = {}, []
    for number, name in enumerate(["test", *names]):
        stored = test if name == "test" else _set(config, subject, name, test)
        found[name] = scorer.of(stored, number + 1)
        _require_finite(found[name], name)
        shown.append(stored[: config.num_shown])
        subject.report(number + 1, len(names) + 1)
    areas = {
        name: [
            ranking.auroc(found["test"][:, column], found[name][:, column])
            for column in range(len(scorer.names))
        ]
        for name in names
    }
    table = _table(areas, scorer.names, {n: len(each) for n, each in found.items()})
    return Findings(
        tables={"auroc": table},
        figures=_figures(table, shown, subject),
        arrays=found,
        details={name: table["sets"][name]["chosen"] for name in names},
        notes={"energy": {name: areas[name][0].area for name in names}},
    )


def _set(config, subject, name, test) -> np.ndarray:
    """Returns the images of a set as they are stored."""
    if name in subject.others:
        examples = subject.others[name]["test"]
        return energies.choose(examples, config.num_images, subject.seed).stored
    place = config.generated.index(name)
    random = np.random.default_rng([subject.seed, place])
    if name == "interpolations":
        space = subject.space
        unit = (np.asarray(space.center(test)) - space.low) / (space.high - space.low)
        images = generated.interpolations(unit, random)
    else:
        images = generated.BY_NAME[name](len(test), test.shape[1:], random)
    return scores.stored_of(images, subject.space)


def _require_finite(found, name) -> None:
    bad = int(np.sum(~np.isfinite(found)))
    checks.require(bad == 0, f"scores of {name}", "finite", f"{bad} that are not")


def chosen(areas: dict[str, np.ndarray]) -> dict[str, int | None]:
    """Returns the score for each set that is best on average over the other sets.

    Args:
        areas: Of each set by name, of each score, `[S]`.

    Returns:
        Its place among the scores, by set; None if there is no other set.
    """
    found = {}
    for name in areas:
        others = [values for other, values in areas.items() if other != name]
        found[name] = int(np.mean(others, axis=0).argmax()) if others else None
    return found


def _table(areas, names, nums) -> dict:
    picked = chosen({n: np.array([a.area for a in row]) for n, row in areas.items()})
    sets = {}
    for name, row in areas.items():
        place = picked[name]
        sets[name] = {
            "num": nums[name],
            "area": [each.area for each in row],
            "standard_error": [each.standard_error for each in row],
            "chosen": None
            if place is None
            else {"score": names[place], "area": row[place].area},
        }
    return {"scores": list(names), "num_test": nums["test"], "sets": sets}


def _figures(table, shown, subject) -> dict:
    names = list(table["sets"])
    series = {
        score: [table["sets"][name]["area"][column] for name in names]
        for column, score in enumerate(table["scores"])
    }
    label = "AUROC: test images against these"
    figures = {"auroc": charts.bars(series, names, label, line=0.5)}
    shape = subject.energy.state_shape
    if grid.can_show(shape):
        stored = np.concatenate(shown)
        images = grid.as_images(stored, len(shape), subject.space)
        titles = []
        for name, some in zip(["test", *names], shown):
            titles += [name, *[""] * (len(some) - 1)]
        figures["images"] = pictures.image_grid(images, len(shown[0]), titles)
    return figures
