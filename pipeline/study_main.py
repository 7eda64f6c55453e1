"""The command `study`."""

from collections.abc import Sequence

from ebm_tf import checks
from pipeline import cli, flags, making, study, train

_STUDY = cli.Flag(
    name="study",
    group="what",
    value="NAME",
    help=f"One of {', '.join(study.STUDIES)}: tables of the paper's appendix.",
)


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command; `args` are the process's own if None."""
    making.run(
        "study",
        "trains and measures the models of a table of the paper again.",
        (_STUDY, *flags.of_stage("data_dir", "strategy")),
        _study,
        args,
        _shorts,
    )


def _shorts(values: dict) -> list[str]:
    checks.require_choice("study", values["study"], study.STUDIES)
    flags.require_one_worker(values["strategy"])
    if values["dataset"] is None and values["preset"] is None:
        values["dataset"] = "mnist"
    # What the user sets comes after, and wins.
    return [*study.SMALL, *values["set"]]


def _study(request: flags.Request) -> None:
    values = request.values
    train.divide_cpu(values["strategy"])
    settings = study.Settings(
        config=request.config,
        data_dir=values["data_dir"],
        seed=request.seed,
        strategy=values["strategy"],
    )
    out = values["out"] or cli.user_path("runs/study")
    print(study.run(values["study"], out, settings), end="")


if __name__ == "__main__":
    main()
