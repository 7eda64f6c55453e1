"""The command `export`."""

import os

from ..console import cli
from ..stages import export
from ..store import artifacts
from . import command, flags

FORCE = cli.Flag(
    name="force",
    group="how",
    kind="switch",
    help="Export a model that failed the gates of its evaluation.",
)


def _export(request: flags.Request) -> None:
    export.run(
        request.input("model"),
        request.output("export"),
        request.config.export,
        request.seed,
        request.config.sample.sampler,
        _evaluation(request),
        request.values["force"],
    )


def _evaluation(request: flags.Request) -> str | None:
    """Returns the evaluation that was asked for, or the run's own if there is one."""
    path = request.input("evaluation")
    asked = request.values["evaluation"] is not None
    if asked or os.path.exists(os.path.join(path, artifacts.MANIFEST)):
        return path
    return None


main = command.StageCommand(
    name="export",
    summary="writes a trained model as a SavedModel, which runs without this project.",
    flags=(*flags.of_stage("model", "evaluation"), FORCE),
    body=_export,
    examples=(
        "--out=runs/digits",
        "--out=runs/digits --force --set=export.max_num=16",
    ),
    sections=("export", "sample"),
)
