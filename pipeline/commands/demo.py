"""The command `demo`: a page with chains of a model that move."""

import contextlib
import os

from ebm_tf import checks, pretrained

from ..console import cli, plugins, tensorflow_import
from ..serving import listening
from ..store import artifacts
from . import command, flags

_FLAGS = (
    cli.Flag(
        name="out",
        group="inputs",
        kind="path",
        value="DIR",
        help="Run folder, whose model/ is shown, once it is there.",
    ),
    *flags.named("model", "import"),
    *listening.flags(8081, "Port of the page"),
    cli.Flag(
        name="max_work",
        group="how",
        kind="whole",
        value="N",
        default=100_000,
        help="Chains times gradients that one visitor may ask for at a time.",
    ),
    cli.Flag(
        name="max_visitors",
        group="how",
        kind="whole",
        value="N",
        default=20,
        help="Pages that may be open; others are told to wait.",
    ),
)


def _serve(values: dict) -> None:
    for name in ("max_work", "max_visitors"):
        checks.require_count(f"--{name}", values[name])
    path, examples = _folders(values)
    plugins.load(values["import"])
    bound = listening.bound_socket(values["host"], values["port"])
    tensorflow_import.import_tensorflow()
    from ..demo_page import server, watch, worker

    look = watch.Watch(path, examples)
    look.load()
    with contextlib.ExitStack() as ends:
        threads = ends.enter_context(worker.Worker()), ends.enter_context(look)
        hall = server.Hall(
            look,
            threads[0],
            max_visitors=values["max_visitors"],
            max_work=values["max_work"],
        )
        made = server.make(hall)
        bound.listen()
        print(f"demo: {listening.address(bound)} (Ctrl-C ends it)")
        if look.message:
            print(f"demo: {look.message}")
        made.run(sockets=[bound])


def _folders(values: dict) -> tuple[str, str | None]:
    """Returns the folders of the model and of the run's examples, or None.

    Raises:
        FileNotFoundError: If there is no such model, or no such run folder.
        ValueError: If neither was given.
    """
    out = values["out"]
    examples = None if out is None else os.path.join(out, "examples")
    if values["model"]:
        path = pretrained.found(values["model"])
        artifacts.peek(path, "model")
        return path, examples
    checks.require(out is not None, "--out", "given, or --model", out)
    checks.require_file(out, "the run folder")
    return os.path.join(out, "model"), examples


main = command.Command(
    name="demo",
    summary="shows chains of a model in the browser, as controls there say.",
    flags=_FLAGS,
    body=_serve,
    examples=(
        "--model=digits",
        "--out=runs/mnist --port=0",
    ),
)
