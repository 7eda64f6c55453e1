"""The command `sample`."""

from collections.abc import Sequence

from pipeline import cli, flags, sample

_NUM = cli.Flag(
    name="num",
    group="what",
    kind="whole",
    value="N",
    help="Images to draw; short for --set sample.num_samples=N.",
)


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command; `args` are the process's own if None."""
    cli.run(
        "sample",
        "draws images from a trained model; the same command goes on where it stopped.",
        (_NUM, *flags.of_stage("model")),
        _sample,
        args,
    )


def _sample(values: dict) -> None:
    if values["num"] is not None:
        values["set"] = [*values["set"], f"sample.num_samples={values['num']}"]
    request = flags.resolve(values)
    sample.run(
        request.input("model"),
        request.output("samples"),
        request.config.sample,
        request.seed,
    )


if __name__ == "__main__":
    main()
