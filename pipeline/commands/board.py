"""The command `board`: TensorBoard on the logs of runs."""

from ebm_tf import checks

from ..console import cli
from . import command

_FLAGS = (
    cli.Flag(
        name="logdir",
        group="inputs",
        kind="path",
        value="DIR",
        default="runs",
        help="A run folder, or a folder of several.",
    ),
    cli.Flag(
        name="port",
        group="how",
        kind="whole",
        value="N",
        default=6006,
        help="Port of the page; 0 takes a free one.",
    ),
)


def _serve(values: dict) -> None:
    checks.require_file(values["logdir"], "the folder of logs")
    checks.require(values["port"] < 2**16, "port", "below 65536", values["port"])
    from tensorboard import program

    board = program.TensorBoard()
    arguments = ["", "--logdir", values["logdir"], "--port", str(values["port"])]
    board.configure(arguments)
    raise SystemExit(2 if board.main() else 0)  # it has said why


main = command.Command(
    name="board",
    summary="shows training in the browser.",
    flags=_FLAGS,
    body=_serve,
)
