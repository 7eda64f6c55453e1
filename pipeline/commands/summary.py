"""The command `summary`."""

from ..stages import summary
from . import command, flags


def _summarize(values: dict) -> None:
    request = flags.resolve(values, ("ingest", "energy"))
    print(summary.text(request.config, request.input("examples")))


main = command.Command(
    name="summary",
    summary="prints a network's layers, shapes, parameters and multiply-adds.",
    flags=flags.of_stage("examples"),
    body=_summarize,
    examples=(
        "--preset=cifar10_conditional",
        "--preset=mnist --set=energy.filters=32",
    ),
)
