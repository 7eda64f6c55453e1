"""The command `train`, which ingests first where there are no examples yet."""

from ebm_tf import files
from ebm_tf.interruption import Interrupted

from ..console import cli, tensorflow_import
from ..stages import command_lines, external_state, train
from . import command, flags

_STATE = cli.Flag(
    name="state",
    group="inputs",
    kind="path",
    value="FILE",
    help="State that examples/stablehlo_train.py left, to go on from, with the "
    "program in update/ of this run.",
)


def _train(request: flags.Request) -> None:
    values, state = request.values, None
    if values["state"] is not None:
        state = external_state.load(request.output("update"), values["state"])
    strategy = values["strategy"]
    if values["examples"] is None and not files.is_taken(request.output("examples")):
        flags.require_one_worker(strategy)
    with tensorflow_import.followed_by(lambda: train.divide_cpu(strategy)):
        command.ingest_first(request)
        try:
            train.run(
                request.input("examples"),
                request.output("model"),
                request.config,
                request.seed,
                strategy,
                state,
            )
        except Interrupted as stopped:
            told = f"{stopped}; go on with {_resume(request)}"
            raise Interrupted(told, stopped.signum) from stopped


def _resume(request: flags.Request) -> str:
    return command_lines.resume_command(request.values, request.seed, request.out)


main = command.StageCommand(
    name="train",
    summary="trains an energy-based model; the same command goes on where it stopped.",
    flags=(*flags.of_stage("data_dir", "examples", "strategy"), _STATE),
    body=_train,
)
