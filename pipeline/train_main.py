"""The command `train`, which ingests first where there are no examples yet."""

from collections.abc import Sequence

from pipeline import carried, cli, durable, flags, ingest, train

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
    cli.run(
        "train",
        "trains an energy-based model; the same command goes on where it stopped.",
        (*flags.of_stage("data_dir", "examples", "strategy"), _STATE),
        _train,
        args,
    )


def _train(values: dict) -> None:
    request = flags.resolve(values)
    state = None
    if values["state"] is not None:
        state = carried.load(request.output("update"), values["state"])
    if values["examples"] is None:
        if not durable.is_taken(request.output("examples")):
            train.divide_cpu(values["strategy"])
        ingest.run(
            values["data_dir"],
            request.output("examples"),
            request.config.ingest,
            request.seed,
        )
    train.run(
        request.input("examples"),
        request.output("model"),
        request.config,
        request.seed,
        values["strategy"],
        state,
    )


if __name__ == "__main__":
    main()
