"""The command `saturation`."""

from collections.abc import Sequence

from pipeline import cli, flags, saturation


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command; `args` are the process's own if None."""
    cli.run(
        "saturation",
        "follows long chains of a trained model: colors, energies, diversity.",
        flags.of_stage("model"),
        _saturation,
        args,
    )


def _saturation(values: dict) -> None:
    request = flags.resolve(values)
    saturation.run(
        request.input("model"),
        request.output("saturation"),
        request.config.saturation,
        request.config.sample.sampler,
        request.seed,
    )


if __name__ == "__main__":
    main()
