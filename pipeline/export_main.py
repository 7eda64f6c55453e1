"""The command `export`."""

from collections.abc import Sequence

from pipeline import export, flags


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command; `args` are the process's own if None."""
    flags.run_stage(
        "export",
        "writes a trained model as a SavedModel, which runs without this project.",
        flags.of_stage("model"),
        _export,
        args,
    )


def _export(request: flags.Request) -> None:
    export.run(
        request.input("model"),
        request.output("export"),
        request.config.export,
        request.seed,
        request.config.sample.sampler,
    )


if __name__ == "__main__":
    main()
