"""The paper's two tables of log-likelihoods, trained and measured again.

Each row is a model of its own in a folder of its own: what is there already is not
made again, and an interrupted study goes on.

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
from ..stages.evaluate import likelihood

# What makes a study of seven models bearable on two cores; --set changes it.
SMALL = (
    "train.num_updates=1000",
    "evaluate.likelihood.scan.span=null",
    "evaluate.likelihood.scan.num_temperatures=250",
    "evaluate.likelihood.scan.num_chains=50",
    "evaluate.likelihood.num_leapfrog=4",
    "evaluate.likelihood.num_temperatures=[200]",
    "evaluate.likelihood.num_chains=100",
    "evaluate.likelihood.num_images=100",
)

_HEAD = (
    *("model", "paper, lower", "paper, upper", "RAISE", "AIS", "gap", "beta"),
    "base alone",
)


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
    rows = [_HEAD]
    for row, config in zip(STUDIES[name], wanted, strict=True):
        print(f"study: {name}, {row.what}")
        folder = os.path.join(out, name, row.name)
        rows.append(_cells(row, _measure(folder, examples, config, settings)))
    table = "\n".join([_sizes(wanted[0]), "", *text_table.markdown(rows)]) + "\n"
    path = os.path.join(out, name, "table.md")
    files.write_text(path, table)
    print(f"study: wrote {path}\n")
    return table


def _measure(folder: str, examples: str, config: RunConfig, settings: Settings):
    """Returns the last test row of the likelihoods and their file, or None."""
    from ebm_tf.training.errors import Diverged

    model = os.path.join(folder, "model")
    options = settings.seed, settings.strategy
    try:
        train.run(examples, model, config, *options)
    except Diverged as error:
        print(f"study: {error}")
        return None
    found = likelihood.run(
        model,
        examples,
        os.path.join(folder, "likelihood"),
        config.evaluate.likelihood,
        *options,
    )
    return json_files.read_json(found.file("likelihood.json"))


def _sizes(config: RunConfig) -> str:
    train_config, annealing = config.train, config.evaluate.likelihood
    return (
        f"{train_config.num_updates:,} updates of {train_config.batch_size} images, "
        f"{annealing.num_chains:,} forward chains and {annealing.num_images:,} test "
        f"images, {annealing.num_temperatures[-1]:,} temperatures; nats."
    )


def _cells(row: Row, found: dict | None) -> list[str]:
    cells = [row.what, *(f"{value:.0f}" for value in row.paper)]
    if found is None:
        return [*cells, "diverged", "", "", "", ""]
    last = [line for line in found["rows"] if line["split"] == "test"][-1]
    for side in ("raise", "ais"):
        cells.append(f"{last[side]['value']:.0f} ± {last[side]['standard_error']:.0f}")
    cells += [f"{last['gap']:+.0f} ± {last['gap_error']:.0f}", f"{found['beta']:.2g}"]
    return [*cells, f"{found['base']['test']:.0f}"]
