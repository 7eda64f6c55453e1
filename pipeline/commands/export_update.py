"""The command `export_update`, which ingests first where there are no examples yet."""

from ..stages import export_update
from . import command, flags


def _export_update(request: flags.Request) -> None:
    command.ingest_first(request)
    export_update.run(
        request.input("examples"),
        request.output("update"),
        request.config,
        request.seed,
    )


main = command.StageCommand(
    name="export_update",
    summary="writes one update of training as a StableHLO program, to train elsewhere.",
    flags=flags.of_stage("data_dir", "examples"),
    body=_export_update,
    examples=(
        "--dataset=digits",
        "--preset=mnist --examples=runs/mnist/examples --out=runs/elsewhere",
    ),
)
