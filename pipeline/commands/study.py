"""The command `study`."""

from ebm_tf import checks

from ..console import cli
from ..experiments import tables
from ..stages import train
from . import command, flags

_STUDY = cli.Flag(
    name="study",
    group="what",
    value="NAME",
    help=f"One of {', '.join(tables.STUDIES)}: tables of the paper's appendix.",
)


def _shorts(values: dict) -> list[str]:
    checks.require_choice("study", values["study"], tables.STUDIES)
    flags.require_one_worker(values["strategy"])
    if values["dataset"] is None and values["preset"] is None:
        values["dataset"] = "mnist"
    # What the user sets comes after, and wins.
    return [*tables.SMALL, *values["set"]]


def _study(request: flags.Request) -> None:
    values = request.values
    train.divide_cpu(values["strategy"])
    settings = tables.Settings(
        config=request.config,
        data_dir=values["data_dir"],
        seed=request.seed,
        strategy=values["strategy"],
    )
    out = values["out"] or cli.user_path("runs/study")
    print(tables.run(values["study"], out, settings), end="")


main = command.StageCommand(
    name="study",
    summary="trains and measures the models of a table of the paper again.",
    flags=(_STUDY, *flags.of_stage("data_dir", "strategy")),
    body=_study,
    shorts=_shorts,
)
