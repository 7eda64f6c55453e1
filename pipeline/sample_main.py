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
_MEMBER = cli.Flag(
    name="member",
    group="inputs",
    kind="many",
    value="DIR",
    help="Another model, to be sampled with --model as an ensemble; may be repeated.",
)


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command; `args` are the process's own if None."""
    cli.run(
        "sample",
        "draws images from a trained model; the same command goes on where it stopped.",
        (_NUM, *flags.of_stage("model"), _MEMBER),
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
        [cli.user_path(path) for path in values["member"]],
    )


if __name__ == "__main__":
    main()
