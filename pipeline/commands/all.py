"""The command `all`: every stage, from the data set to the exported model."""

import contextlib
import os
from collections.abc import Iterator

from ..console import cli
from ..stages import command_lines
from ..stages.whole_run import run
from ..stages.whole_run.steps import Order
from . import command, flags
from .export import FORCE

_FLAGS = (*flags.of_stage("data_dir", "strategy"), FORCE)


def _order(request: flags.Request) -> Order:
    values = request.values
    flags.require_one_worker(values["strategy"])
    return Order(
        config=request.config,
        seed=request.seed,
        data_dir=values["data_dir"],
        strategy=values["strategy"],
        force=values["force"],
    )


def _check(request: flags.Request) -> None:
    run.run_steps(request.out, _order(request), cli.errors_of)


def _all(request: flags.Request) -> None:
    order, values = _order(request), request.values
    again = command_lines.same_command("all", _FLAGS, values)
    run.run(request.out, order, lambda stage: _errors_of(stage, again))
    report = os.path.join(request.output("evaluation"), "report.html")
    print(f"all: open in a browser: {os.path.abspath(report)}")


@contextlib.contextmanager
def _errors_of(stage: str, again: str) -> Iterator[None]:
    """Within the block an error is the stage's; a signal tells how to go on."""
    with cli.errors_of(stage), command.going_on(lambda: again):
        yield


main = command.StageCommand(
    name="all",
    summary=(
        "ingests, trains, samples, evaluates, exports: what is there is not made "
        "again, what was made otherwise is replaced."
    ),
    flags=_FLAGS,
    body=_all,
    examples=(
        "--dataset=digits",
        "--dataset=folder --data_dir=photos --set=images.size=64 --out=runs/photos",
    ),
    check=_check,
    replaces=True,
)
