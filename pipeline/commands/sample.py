"""The command `sample`."""

from ..console import cli
from ..stages.sample import sample
from . import command, flags

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


main = command.StageCommand(
    name="sample",
    summary="draws images from a trained model; typed again, goes on where it stopped.",
    flags=(_NUM, *flags.of_stage("model"), _MEMBER),
    body=_sample,
    examples=(
        "--out=runs/digits --num=100 --replace",
        "--out=runs/digits --member=runs/other/model",
    ),
    sections=("sample",),
    shorts=_shorts,
)
