"""The command `train`, which ingests first where there are no examples yet."""

from collections.abc import Sequence

from ebm_tf.training.errors import Interrupted
from pipeline import carried, cli, commands, durable, flags, making, train

_STATE = cli.Flag(
    name="state",
    group="inputs",
    kind="path",
    value="FILE",
    help="State that examples/stablehlo_train.py left, to go on from, with the "
    "program in update/ of this run.",
)


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command; `args` are the process's own if None."""
    making.run(
        "train",
        "trains an energy-based model; the same command goes on where it stopped.",
        (*flags.of_stage("data_dir", "examples", "strategy"), _STATE),
        _train,
        args,
    )


def _train(request: flags.Request) -> None:
    values, state = request.values, None
    if values["state"] is not None:
        state = carried.load(request.output("update"), values["state"])
    if values["examples"] is None and not durable.is_taken(request.output("examples")):
        flags.require_one_worker(values["strategy"])
        train.divide_cpu(values["strategy"])
    making.ingest_first(request)
    try:
        train.run(
            request.input("examples"),
            request.output("model"),
            request.config,
            request.seed,
            values["strategy"],
            state,
        )
    except Interrupted as stopped:
        told = f"{stopped}; go on with {commands.resume_command(request)}"
        raise Interrupted(told, stopped.signum) from stopped


if __name__ == "__main__":
    main()
