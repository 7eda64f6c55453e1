"""The command `evaluate`."""

from collections.abc import Sequence

from pipeline import cli, evaluate, flags


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command; `args` are the process's own if None."""
    cli.run(
        "evaluate",
        "measures a model and its samples, and writes report.html.",
        flags.of_stage("examples", "model", "samples"),
        _evaluate,
        args,
    )


def _evaluate(values: dict) -> None:
    request = flags.resolve(values)
    evaluate.run(
        request.input("model"),
        request.input("samples"),
        request.input("examples"),
        request.output("evaluation"),
        request.config.evaluate,
        request.seed,
    )


if __name__ == "__main__":
    main()
