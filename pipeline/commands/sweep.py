"""The command `sweep`, which ingests first where there are no examples yet."""

from ebm_tf import checks, settings

from ..console import cli
from ..experiments import sweep, trials
from . import command, flags

_SEARCH = cli.Flag(
    name="search",
    group="inputs",
    kind="path",
    value="FILE",
    help="JSON file of the search: which settings to try.",
)


def _sweep(request: flags.Request) -> None:
    search, found = _trials(request)
    command.ingest_first(request, to_train=False)  # trials have their own
    shared = _shared_flags(request.values, request)
    sweep.run(search, found, request.out, shared)


def _check(request: flags.Request) -> None:
    search, found = _trials(request)
    sweep.require_same(request.out, sweep.request_of(search, found))
    command.ingest_first(request, to_train=False)


def _trials(request: flags.Request):
    """Returns the search and its trials, all of whose settings are right."""
    values = request.values
    if values["search"] is None:
        raise checks.InvalidValueError("give --search=FILE")
    flags.require_one_worker(values["strategy"])
    search = trials.read_search(values["search"])
    found = trials.Trials(search, request.seed)
    trials.require_valid(found, settings.to_dict(request.config))
    return search, found


def _shared_flags(values: dict, request: flags.Request) -> list[str]:
    """Returns the flags of `train` that every trial gets."""
    given = [f"--{n}={values[n]}" for n in ("dataset", "preset") if values[n]]
    given += [f"--{n}={each}" for n in ("set", "import") for each in values[n]]
    given += ["--replace"] if values["replace"] else []
    return [
        *given,
        f"--examples={request.input('examples')}",
        f"--seed={request.seed}",
        f"--strategy={values['strategy']}",
    ]


main = command.StageCommand(
    name="sweep",
    summary="trains with many settings; the same command goes on where it stopped.",
    flags=(*flags.of_stage("data_dir", "examples", "strategy"), _SEARCH),
    body=_sweep,
    examples=(
        "--dataset=mnist --search=search.json",
        "--dataset=digits --search=search.json --out=runs/sweep --seed=1",
    ),
    check=_check,
)
