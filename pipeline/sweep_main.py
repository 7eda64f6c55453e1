"""The command `sweep`, which ingests first where there are no examples yet."""

from collections.abc import Sequence

from ebm_tf import checks
from pipeline import cli, config_io, flags, making, sweep, trials

_SEARCH = cli.Flag(
    name="search",
    group="inputs",
    kind="path",
    value="FILE",
    help="JSON file of the search: which settings to try.",
)


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command; `args` are the process's own if None."""
    making.run(
        "sweep",
        "trains with many settings; the same command goes on where it stopped.",
        (*flags.of_stage("data_dir", "examples", "strategy"), _SEARCH),
        _sweep,
        args,
    )


def _sweep(request: flags.Request) -> None:
    values = request.values
    if values["search"] is None:
        raise checks.InvalidValueError("give --search=FILE")
    flags.require_one_worker(values["strategy"])
    search = trials.read_search(values["search"])
    found = trials.make_trials(search, request.seed)
    trials.require_valid(found, config_io.to_dict(request.config))
    making.ingest_first(request)
    sweep.run(search, found, request.out, _shared_flags(values, request))


def _shared_flags(values: dict, request: flags.Request) -> list[str]:
    """Returns the flags of `train` that every trial gets."""
    given = [f"--{n}={values[n]}" for n in ("dataset", "preset") if values[n]]
    given += [f"--set={override}" for override in values["set"]]
    given += ["--replace"] if values["replace"] else []
    return [
        *given,
        f"--examples={request.input('examples')}",
        f"--seed={request.seed}",
        f"--strategy={values['strategy']}",
    ]


if __name__ == "__main__":
    main()
