"""The paper's two tables of log-likelihoods, trained and measured again.

Each row is a model of its own in a folder of its own: what is there already is not
made again, and an interrupted study goes on.

Rows are measured on the same images with the same dequantization, so they are compared
image by image: how much images differ is no error of a difference.

[1] Du and Mordatch, Implicit generation and modeling with energy-based models,
    2019, appendix A.3, tables 7 and 9 (their figures 7 and 9).
    https://arxiv.org/abs/1903.08689
"""

import dataclasses
import os

from ebm_tf import checks, files, json_files, settings, text_table

from ..settings import overrides
from ..settings.config import RunConfig
from ..stages import ingest, train
from ..stages.evaluate import baselines, likelihood
from ..store import artifacts

# What makes a study of seven models bearable on two cores; --set changes it.
SMALL = (
    "train.num_updates=1000",
    "evaluate.likelihood.scan.num_temperatures=100",
    "evaluate.likelihood.scan.num_chains=50",
    "evaluate.likelihood.scan.num_images=50",
    "evaluate.likelihood.num_leapfrog=4",
    "evaluate.likelihood.num_temperatures=[200]",
    "evaluate.likelihood.num_chains=100",
    "evaluate.likelihood.num_images=100",
)

_HEAD = (
    *("model", "paper, lower", "paper, upper", "RAISE", "RAISE less the first row's"),
    *("AIS", "ESS", "beta", "base alone", "RAISE, bits/dim"),
    "RAISE less the best density's",
)
_NOTE = """
RAISE bounds the annealed sampler's log-likelihood of these images, on average over its
runs; AIS is of the model. Differences are RAISE's, image by image: t-intervals for all
images of this kind. Each row is one model of one seed: a difference is between these
two models, and not between what their settings do on average. A row with a dagger has
something to say for itself in its `likelihood.json`, under "marks".

Densities that know little, fitted to the same training images, on the same test images
and on all of them; the model is compared with the best:
"""


@dataclasses.dataclass(frozen=True)
class Row:
    """One model of a study.

    Attributes:
        name: Of its folder.
        what: What sets it apart, as the table says it.
        settings: Overrides, as `--set` takes them; "{batch_size}" is the study's.
        paper: The paper's lower and upper number [1], nats.
    """

    name: str
    what: str
    settings: tuple[str, ...]
    paper: tuple[float, float]


def _table9(name: str, l2: float, step: float, paper: tuple[float, float]) -> Row:
    settings = (
        f"train.objective.l2_weight={l2}",
        f"train.objective.langevin.step_size={step}",
    )
    return Row(name, f"L2 weight {l2:g}, step size {step:g}", settings, paper)


_PCD = (
    "train.objective.replay.capacity={batch_size}",
    "train.objective.replay.fresh_prob=0",
)
STUDIES = {
    "table7": (
        Row("replay_buffer", "replay buffer", (), (1925.0, 2218.3)),
        Row("pcd", "PCD: a buffer of one batch, no fresh noise", _PCD, (380.9, 482.0)),
    ),
    "table9": (
        _table9("l2_0.01", 0.01, 10.0, (1519.0, 2370.0)),
        _table9("l2_0.1", 0.1, 10.0, (1925.0, 2218.0)),
        # Shared by both halves of the table.
        _table9("l2_1", 1.0, 10.0, (1498.0, 2044.0)),
        _table9("step_100", 1.0, 100.0, (1765.0, 2309.0)),
        _table9("step_1000", 1.0, 1000.0, (1740.0, 2009.0)),
    ),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """What a study is run with.

    Attributes:
        config: Of every model, but for what sets a row apart.
        data_dir: Folder with the published files; None means TFDS.
        seed: A whole number.
        strategy: Which devices; see `ebm_tf.training.distribution.make_strategy`.
    """

    config: RunConfig
    data_dir: str | None
    seed: int
    strategy: str


def configs(name: str, common: Settings) -> list[RunConfig]:
    """Returns the settings of each row, all checked before the first is trained.

    Raises:
        ValueError: If there is no such study, or a setting is wrong.
    """
    checks.require_choice("study", name, STUDIES)
    data = settings.to_dict(common.config)
    batch_size = common.config.train.batch_size
    found = []
    for row in STUDIES[name]:
        changes = [text.format(batch_size=batch_size) for text in row.settings]
        changed = overrides.apply_overrides(data, changes)
        found.append(settings.from_dict(RunConfig, changed))
    return found


def ingested(name: str, out: str, settings: Settings) -> list[RunConfig]:
    """Makes the examples of a study; returns the settings of each row, all checked.

    Arguments and errors as of `run`.
    """
    wanted = configs(name, settings)
    examples = os.path.join(out, "examples")
    ingest.run(settings.data_dir, examples, wanted[0].ingest, settings.seed)
    return wanted


def run(name: str, out: str, settings: Settings) -> str:
    """Trains and measures every model of a study, and writes its table.

    `out`/examples holds the data, `out`/NAME/ROW the model and its likelihood,
    `out`/NAME/table.md the table. A model that diverges is a row that says so.

    Args:
        name: One of `STUDIES`.
        out: Folder of the study.
        settings: With what.

    Returns:
        The table, Markdown.

    Raises:
        ValueError: If a setting is wrong, or a folder holds something else.
        Interrupted: On SIGINT or SIGTERM, when all is saved.
    """
    wanted = ingested(name, out, settings)
    examples = os.path.join(out, "examples")
    rows, first, beside = [_HEAD], None, []
    for row, config in zip(STUDIES[name], wanted, strict=True):
        print(f"study: {name}, {row.what}")
        folder = os.path.join(out, name, row.name)
        found = _measure(folder, examples, config, settings)
        compared = found and _compared(out, examples, found, config, settings)
        rows.append(_cells(row, found, first, compared))
        first = first or found
        beside = beside or (compared and baselines.markdown(compared)) or []
    lines = [_sizes(wanted[0]), "", *text_table.markdown(rows), *_NOTE.split("\n")]
    lines += beside
    table = "\n".join(lines) + "\n"
    path = os.path.join(out, name, "table.md")
    files.write_text(path, table)
    print(f"study: wrote {path}\n")
    return table


def _measure(folder: str, examples: str, config: RunConfig, settings: Settings):
    """Returns the artifact of the model's likelihoods, or None if it diverged."""
    from ebm_tf.training.errors import Diverged

    model = os.path.join(folder, "model")
    options = settings.seed, settings.strategy
    try:
        train.run(examples, model, config, *options)
    except Diverged as error:
        print(f"study: {error}")
        return None
    return likelihood.run(
        model,
        examples,
        os.path.join(folder, "likelihood"),
        config.evaluate.likelihood,
        *options,
    )


def _compared(out, examples, found, config: RunConfig, settings: Settings) -> dict:
    """Returns the likelihoods beside those of densities that all rows share."""
    made = baselines.run(examples, os.path.join(out, "baselines"), settings.seed)
    images, measured = artifacts.peek(examples, "examples"), config.evaluate.likelihood
    return baselines.compared(made, found, images, measured, settings.seed)


def _sizes(config: RunConfig) -> str:
    train_config, annealing = config.train, config.evaluate.likelihood
    return (
        f"{train_config.num_updates:,} updates of {train_config.batch_size} images, "
        f"{annealing.num_replicates} runs of {annealing.num_chains:,} forward chains "
        f"and {annealing.num_images:,} test images, "
        f"{annealing.num_temperatures[-1]:,} temperatures; nats."
    )


def _cells(row: Row, made, first, compared) -> list[str]:
    """Returns the cells of a row, compared with the likelihoods `first`."""
    cells = [row.what, *(f"{value:.0f}" for value in row.paper)]
    if made is None:
        return [*cells, "diverged", *(7 * [""])]
    found = json_files.read_json(made.file("likelihood.json"))
    [last] = [r for r in found["rows"] if r["counts"] and r["split"] == "test"]
    if any(found["marks"].values()):
        cells[0] += " \N{DAGGER}"
    cells.append(last["raise"]["text"])
    cells.append("" if first is None else _text(paired(made, first)))
    ess = last["ais"]["ess"]
    cells += [last["ais"]["text"], "" if ess is None else f"{ess:.3g}"]
    cells += [f"{found['beta']:.2g}", f"{found['base']['test']:.0f}"]
    return [*cells, last["raise"]["bits"]["text"], compared["raise"]["text"]]


def _text(found) -> str:
    from ebm_tf.likelihood import reported

    return reported.text(found)


def paired(made: artifacts.Artifact, other: artifacts.Artifact):
    """Returns RAISE's mean difference of two models on the same test images, nats.

    Args:
        made: Likelihoods of the one, an artifact.
        other: Of the other, made from the same examples with the same seed and
            numbers of runs and images.

    Returns:
        A `Reported`: how much likelier the first finds images of their kind.
    """
    import numpy as np

    from ebm_tf.likelihood import replicates

    each = []
    for artifact in (made, other):
        with np.load(artifact.file("images.npz")) as arrays:
            each.append(arrays["raise"])
    return replicates.mean_over_images(each[0] - each[1])
