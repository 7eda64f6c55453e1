"""The command `train`, which ingests first where there are no examples yet."""

from ebm_tf import files

from ..console import cli, tensorflow_import
from ..stages import command_lines, external_state, more_training, train
from ..store import artifacts, unfinished
from . import command, flags

_STATE = cli.Flag(
    name="state",
    group="inputs",
    kind="path",
    value="FILE",
    help="State that examples/stablehlo_train.py left, to go on from, with the "
    "program in update/ of this run.",
)


_INIT = cli.Flag(
    name="init",
    group="inputs",
    kind="path",
    value="PATH",
    help="Model of another run, or a .keras file, of the same network, whose weights "
    "training starts from.",
)


def _train(request: flags.Request) -> None:
    values, state, parent = request.values, None, None
    if values["state"] is not None:
        state = external_state.load(request.output("update"), values["state"])
    strategy = values["strategy"]
    if values["examples"] is None and not files.is_taken(request.output("examples")):
        flags.require_one_worker(strategy)
    devices = strategy, request.config.train.gpu
    with tensorflow_import.followed_by(lambda: train.prepare_devices(*devices)):
        command.ingest_first(request)
        out, parent = _place(request)
        train.run(
            request.input("examples"),
            out,
            request.config,
            request.seed,
            strategy,
            state,
            parent,
            values["init"],
        )


def _place(request: flags.Request) -> tuple[str, str | None]:
    """Returns where the model goes, and the finished one that it goes on from."""
    out, values = request.output("model"), request.values
    if values["state"] is not None or values["init"] is not None:
        return out, None
    examples = artifacts.peek(request.input("examples"), "examples")
    place, parent = more_training.place(out, examples, request.config, request.seed)
    if parent:
        print(f"train: {parent} stays as it is; {place} goes on from it")
    return place, parent


def _again(request: flags.Request) -> str | None:
    """Returns the shorter command line of a training that was begun.

    One of more updates of a finished model is asked for with the same flags.
    """
    if unfinished.config_of(request.output("model")) is None:
        return None
    return command_lines.resume_command(request.values, request.seed, request.out)


main = command.StageCommand(
    name="train",
    summary=(
        "trains an energy-based model; the same command goes on where it stopped, one "
        "with more updates from the finished model."
    ),
    flags=(*flags.of_stage("data_dir", "examples", "strategy"), _STATE, _INIT),
    body=_train,
    examples=(
        "--dataset=mnist",
        "--dataset=cifar10 --set=train.num_updates=20 --out=runs/trial",
    ),
    again=_again,
)
