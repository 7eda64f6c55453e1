"""The command `ingest`."""

from ..stages import ingest
from . import command, flags


def _ingest(request: flags.Request) -> None:
    ingest.run(
        request.values["data_dir"],
        request.output("examples"),
        request.config.ingest,
        request.seed,
    )


main = command.StageCommand(
    name="ingest",
    summary="turns a data set into the examples of a run.",
    flags=flags.of_stage("data_dir"),
    body=_ingest,
    examples=(
        "--dataset=digits",
        "--dataset=mnist --data_dir=Downloads/mnist --out=runs/mnist",
    ),
    sections=("ingest",),
)
