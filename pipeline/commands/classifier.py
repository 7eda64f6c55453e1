"""The command `classifier`."""

from ..stages.evaluate import classifier
from . import command, flags


def _classifier(request: flags.Request) -> None:
    classifier.run(
        request.input("examples"),
        request.output("classifier"),
        request.config.evaluate.classifier,
        request.seed,
    )


main = command.StageCommand(
    name="classifier",
    summary="trains the classifier of samples; evaluate does so by itself.",
    flags=flags.of_stage("examples"),
    body=_classifier,
    examples=(
        "--dataset=digits",
        "--preset=mnist --examples=runs/mnist/examples --out=runs/other",
    ),
    sections=("evaluate",),
)
