"""The command `serve`."""

import os

from ebm_tf import checks

from ..console import cli, tensorflow_import
from ..serving import listening
from ..store import artifacts
from . import command

_BATCH_SIZE = 16
_FLAGS = (
    cli.Flag(
        name="out",
        group="inputs",
        kind="path",
        value="DIR",
        help="Run folder, whose export/ is served.",
    ),
    cli.Flag(
        name="export",
        group="inputs",
        kind="path",
        value="DIR",
        help="Export of another place, in place of export/ of a run folder.",
    ),
    *listening.flags(8080),
    cli.Flag(
        name="batch_size",
        group="how",
        kind="whole",
        value="N",
        help="Images of a batch of the signature `draw`, at most export.max_num. "
        "Default: that, or 16 if it is more.",
    ),
    cli.Flag(
        name="max_work",
        group="how",
        kind="whole",
        value="N",
        default=100_000,
        help="Images times steps of one request.",
    ),
    cli.Flag(
        name="max_queue",
        group="how",
        kind="whole",
        value="N",
        default=100,
        help="Requests that may wait; more are answered by 429.",
    ),
    cli.Flag(
        name="deadline",
        group="how",
        kind="whole",
        value="SECONDS",
        default=60,
        help="Until a request is answered by 504.",
    ),
)


def _serve(values: dict) -> None:
    export = artifacts.load(_folder(values), "export")
    max_num = export.config["export"]["max_num"]
    if values["batch_size"] is None:
        values = values | {"batch_size": min(max_num, _BATCH_SIZE)}
    for name in ("batch_size", "max_work", "max_queue", "deadline"):
        high = max_num if name == "batch_size" else checks.INT32_MAX
        checks.require_count(f"--{name}", values[name], high=high)
    bound = listening.bound_socket(values["host"], values["port"])
    tensorflow_import.import_tensorflow()
    from ..serving import models, server, signatures, worker

    found = signatures.load(export.path)
    thread = worker.Worker(found, values["batch_size"], values["max_queue"])
    limits = models.Limits(max_work=values["max_work"], deadline=values["deadline"])
    served = [models.SignatureModel(one, thread, limits) for one in found.values()]
    try:
        thread.start()
        bound.listen(server.BACKLOG)
        url = f"{listening.address(bound)}/v2/models"
        print(f"serve: {url}: {', '.join(found)} (Ctrl-C ends it)")
        serving = server.make(
            server.application(served),
            max_bytes=signatures.largest_body(found.values(), max_num),
            max_open=2 * values["max_queue"],
            seconds=values["deadline"],
        )
        serving.run(sockets=[bound])
    finally:
        thread.close()


def _folder(values: dict) -> str:
    if values["export"] is not None:
        return values["export"]
    given = values["out"] is not None
    checks.require(given, "--out", "given, or --export", values["out"])
    return os.path.join(values["out"], "export")


main = command.Command(
    name="serve",
    summary="answers requests for an exported model, by the Open Inference Protocol.",
    flags=_FLAGS,
    body=_serve,
    examples=(
        "--out=runs/digits",
        "--out=runs/digits --host=0.0.0.0 --port=9000",
    ),
)
