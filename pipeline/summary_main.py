"""The command `summary`."""

from collections.abc import Sequence

from pipeline import cli, flags, summary


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command; `args` are the process's own if None."""
    cli.run(
        "summary",
        "prints a network's layers, shapes, parameters and multiply-adds.",
        flags.of_stage("examples"),
        _summarize,
        args,
    )


def _summarize(values: dict) -> None:
    request = flags.resolve(values)
    print(summary.text(request.config, request.input("examples")))


if __name__ == "__main__":
    main()
