"""The command `sample`."""

from collections.abc import Sequence

from pipeline import cli, flags, making, sample

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
    help="Another model, or a checkpoint in one (DIR/checkpoints/ckpt-9000), to be "
    "sampled with --model as an ensemble; may be repeated.",
)


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command; `args` are the process's own if None."""
    making.run(
        "sample",
        "draws images from a trained model; the same command goes on where it stopped.",
        (_NUM, *flags.of_stage("model"), _MEMBER),
        _sample,
        args,
        _shorts,
    )


def _shorts(values: dict) -> list[str]:
    num = values["num"]
    return [] if num is None else [f"sample.num_samples={num}"]


def _sample(request: flags.Request) -> None:
    sample.run(
        request.input("model"),
        request.output("samples"),
        request.config.sample,
        request.seed,
        [cli.user_path(path) for path in request.values["member"]],
    )


if __name__ == "__main__":
    main()
