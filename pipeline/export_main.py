"""The command `export`."""

from collections.abc import Sequence

from pipeline import cli, export, flags


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command; `args` are the process's own if None."""
    cli.run(
        "export",
        "writes a trained model as a SavedModel, which runs without this project.",
        flags.of_stage("model"),
        _export,
        args,
    )


def _export(values: dict) -> None:
    request = flags.resolve(values)
    export.run(
        request.input("model"),
        request.output("export"),
        request.config.export,
        request.seed,
        request.config.sample.sampler,
    )


if __name__ == "__main__":
    main()
