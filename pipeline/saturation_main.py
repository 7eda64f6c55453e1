"""The command `saturation`."""

from collections.abc import Sequence

from pipeline import flags, making, saturation


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command; `args` are the process's own if None."""
    making.run(
        "saturation",
        "follows long chains of a trained model: colors, energies, diversity.",
        flags.of_stage("model"),
        _saturation,
        args,
    )


def _saturation(request: flags.Request) -> None:
    saturation.run(
        request.input("model"),
        request.output("saturation"),
        request.config.saturation,
        request.config.sample.sampler,
        request.seed,
    )


if __name__ == "__main__":
    main()
