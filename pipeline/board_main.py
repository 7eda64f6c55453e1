"""The command `board`: TensorBoard on the logs of runs."""

from collections.abc import Sequence

from ebm_tf import checks
from pipeline import cli

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


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command; `args` are the process's own if None."""
    cli.run("board", "shows training in the browser.", _FLAGS, _serve, args)


def _serve(values: dict) -> None:
    checks.require_file(values["logdir"], "the folder of logs")
    checks.require(values["port"] < 2**16, "port", "below 65536", values["port"])
    from tensorboard import program

    board = program.TensorBoard()
    arguments = ["", "--logdir", values["logdir"], "--port", str(values["port"])]
    board.configure(arguments)
    raise SystemExit(2 if board.main() else 0)  # it has said why


if __name__ == "__main__":
    main()
