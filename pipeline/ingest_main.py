"""The command `ingest`."""

from collections.abc import Sequence

from pipeline import flags, ingest, making


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command; `args` are the process's own if None."""
    making.run(
        "ingest",
        "turns a data set into the examples of a run.",
        flags.of_stage("data_dir"),
        _ingest,
        args,
    )


def _ingest(request: flags.Request) -> None:
    ingest.run(
        request.values["data_dir"],
        request.output("examples"),
        request.config.ingest,
        request.seed,
    )


if __name__ == "__main__":
    main()
