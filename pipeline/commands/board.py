"""The command `board`: TensorBoard on the logs of runs."""

import contextlib
import io
import os
import signal
import sys

from ebm_tf import checks, interruption

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
        high=2**16 - 1,
        help="Port of the page; 0 takes a free one.",
    ),
)


def _serve(values: dict) -> None:
    logdir, port = values["logdir"], values["port"]
    checks.require_file(logdir, "the folder of logs")
    checks.require(os.path.isdir(logdir), "--logdir", "a folder", logdir)
    from tensorboard import program

    board = program.TensorBoard()
    board.configure(["", "--logdir", logdir, "--port", str(port)])
    try:
        # In a thread, so that Ctrl-C is this program's to answer.
        with contextlib.redirect_stderr(io.StringIO()):  # an advertisement
            url = board.launch()
    except program.TensorBoardServerException as error:
        reason = " ".join(str(error.msg).split())
        raise checks.InvalidValueError(f"no page at port {port}: {reason}") from error
    sys.stderr.write(f"board: {url} (Ctrl-C ends it)\n")
    while True:
        interruption.raise_noted()  # one that came while something was imported
        signal.pause()


main = command.Command(
    name="board",
    summary="shows training in the browser.",
    flags=_FLAGS,
    body=_serve,
    examples=(
        "--logdir=runs/digits",
        "--logdir=runs --port=0",
    ),
)
