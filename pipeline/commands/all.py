"""The command `all`: every stage, from the data set to the exported model."""

from . import command, flags
from .export import FORCE


def _all(request: flags.Request) -> None:
    flags.require_one_worker(request.values["strategy"])
    # Only now: whoever asks for help or has a typo need not wait for KFP.
    from ..kubeflow import local_run

    values = request.values
    local_run.run(
        request.out,
        request.config,
        request.seed,
        values["data_dir"],
        values["strategy"],
        values["force"],
    )


main = command.StageCommand(
    name="all",
    summary=(
        "ingests, trains, samples, evaluates, exports: what is there is not made "
        "again, what was made otherwise is replaced."
    ),
    flags=(*flags.of_stage("data_dir", "strategy"), FORCE),
    body=_all,
    replaces=True,
)
