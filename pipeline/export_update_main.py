"""The command `export_update`, which ingests first where there are no examples yet."""

from collections.abc import Sequence

from pipeline import export_update, flags, making


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command; `args` are the process's own if None."""
    making.run(
        "export_update",
        "writes one update of training as a StableHLO program, to train elsewhere.",
        flags.of_stage("data_dir", "examples"),
        _export_update,
        args,
    )


def _export_update(request: flags.Request) -> None:
    making.ingest_first(request)
    export_update.run(
        request.input("examples"),
        request.output("update"),
        request.config,
        request.seed,
    )


if __name__ == "__main__":
    main()
