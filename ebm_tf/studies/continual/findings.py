"""The study of continual learning as a whole: tasks, learners, what they forget."""

import numpy as np

from ebm_tf import checks
from ebm_tf.plots import charts
from ebm_tf.studies.common import energies
from ebm_tf.studies.continual import ContinualConfig, learners
from ebm_tf.studies.contract import Findings, Subject

# What each method is called in tables and figures.
ENERGY, PLAIN, OF_TASK = "energy", "classifier", "classifier of the task"
SAME = "of the task, same network"


def find(config: ContinualConfig, subject: Subject) -> Findings:
    """Trains everything; returns what `ContinualConfig.run` promises."""
    train, test = subject.examples["train"], subject.examples["test"]
    _require_classes(config, subject)
    chosen = energies.choose(test, config.num_test, subject.seed)
    x = subject.space.center(chosen.stored).numpy()
    orders = [_orders(config, train.labels, subject.seed + s) for s in _seeds(config)]
    num_updates = sum(len(_batches(config, t)) for order in orders for t in order)
    made = {
        ENERGY: learners.EnergyLearner(config, subject, num_updates),
        PLAIN: learners.Classifier(config, subject, of_task=False),
        OF_TASK: learners.Classifier(config, subject, of_task=True),
        SAME: learners.SameNetwork(config, subject),
    }
    tested = chosen.labels // config.classes_per_task
    rule = "so many test images that each task has one"
    has_all = len(np.unique(tested)) == config.num_tasks
    checks.require(has_all, "num_test", rule, config.num_test)
    right = {name: [] for name in made}
    for name, learner in made.items():
        for index, order in enumerate(orders):
            learner.begin(subject.seed + index)
            looks = []
            for task, indices in enumerate(order):
                _learn(config, learner, train, task, indices)
                looks.append(_shares(learner.predict(x) == chosen.labels, tested))
            right[name].append(looks)
            done = list(made).index(name) * len(orders) + index + 1
            subject.report(done, len(made) * len(orders))
    sizes = np.bincount(tested, minlength=config.num_tasks) / len(tested)
    table = {name: _summary(np.array(looks), sizes) for name, looks in right.items()}
    return Findings(
        tables={"accuracy": table},
        figures=_figures(config, table),
        details={name: _headline(row) for name, row in table.items()},
        notes={"num_updates": num_updates // config.num_seeds},
    )


def _seeds(config: ContinualConfig) -> range:
    return range(config.num_seeds)


def _require_classes(config: ContinualConfig, subject: Subject) -> None:
    labels = [subject.examples[name].labels for name in ("train", "test")]
    of_classes = all(each.dtype == np.int32 for each in labels)
    num = config.network.num_classes
    found = "numbers" if not of_classes else max(each.max() for each in labels) + 1
    rule = f"of as many classes as the study's network has, {num}"
    checks.require(found == num, "--examples", rule, found)


def _orders(config: ContinualConfig, labels: np.ndarray, seed: int) -> list:
    """Returns the examples of each task in an order of the seed's."""
    draw, orders = np.random.default_rng(seed), []
    for task in range(config.num_tasks):
        first = task * config.classes_per_task
        found = []
        for label in range(first, first + config.classes_per_task):
            rows = draw.permutation(np.flatnonzero(labels == label))
            found.append(rows[: config.images_per_class])
        orders.append(draw.permutation(np.concatenate(found)))
        rule = f"a batch of the images of task {task}, {len(orders[-1])}, at most"
        fits = config.batch_size <= len(orders[-1])
        checks.require(fits, "batch_size", rule, config.batch_size)
    return orders


def _batches(config: ContinualConfig, indices: np.ndarray) -> list:
    """Returns the indices of each whole batch; what is left over is not seen."""
    num = len(indices) // config.batch_size
    return np.split(indices[: num * config.batch_size], num)


def _learn(config, learner, train, task, indices) -> None:
    first = task * config.classes_per_task
    classes = np.arange(first, first + config.classes_per_task, dtype=np.int32)
    learner.begin_task(task, classes)
    for rows in _batches(config, indices):
        learner.learn(*train.gather(rows))


def _shares(right: np.ndarray, tested: np.ndarray) -> list[float]:
    """Returns the share of each task that is right."""
    return [float(right[tested == task].mean()) for task in np.unique(tested)]


def _summary(looks: np.ndarray, sizes: np.ndarray) -> dict:
    """Returns what is said of a method.

    Args:
        looks: Shares `[seed, task trained, task tested]`.
        sizes: Shares of the test images that tasks have, `[task tested]`.
    """
    num = len(looks)
    last = looks[:, -1] @ sizes
    earlier = range(looks.shape[1] - 1)
    # How much was known at best before the last task, less what is known after it.
    lost = [looks[:, :-1, k].max(axis=1) - looks[:, -1, k] for k in earlier]
    seen = [
        looks[:, task, : task + 1] @ (sizes[: task + 1] / sizes[: task + 1].sum())
        for task in range(looks.shape[1])
    ]
    forgotten = np.mean(lost, axis=0)
    return {
        "matrix": looks.mean(axis=0).tolist(),
        "last": last.tolist(),
        "mean": float(last.mean()),
        "standard_error": float(last.std(ddof=1) / np.sqrt(num)),
        "seen": np.mean(seen, axis=1).tolist(),
        "forgetting": float(forgotten.mean()),
        "forgetting_standard_error": float(forgotten.std(ddof=1) / np.sqrt(num)),
    }


def _headline(row: dict) -> dict:
    names = ("mean", "standard_error", "forgetting")
    return {name: row[name] for name in names}


def _figures(config: ContinualConfig, table: dict) -> dict:
    tasks, size = np.arange(1, config.num_tasks + 1), config.classes_per_task
    names = [f"{size * k} to {size * (k + 1) - 1}" for k in range(config.num_tasks)]
    seen = {name: (tasks, np.array(row["seen"])) for name, row in table.items()}
    last = {name: row["matrix"][-1] for name, row in table.items()}
    return {
        "seen": charts.curves(seen, "tasks learned", "classes so far, told from all"),
        "tasks": charts.bars(last, names, "accuracy in the end, among all classes"),
    }
