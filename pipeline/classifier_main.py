"""The command `classifier`."""

from collections.abc import Sequence

from pipeline import classifier, flags, making


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command; `args` are the process's own if None."""
    making.run(
        "classifier",
        "trains the classifier that judges samples; evaluate does so by itself.",
        flags.of_stage("examples"),
        _classifier,
        args,
    )


def _classifier(request: flags.Request) -> None:
    classifier.run(
        request.input("examples"),
        request.output("classifier"),
        request.config.evaluate.classifier,
        request.seed,
    )


if __name__ == "__main__":
    main()
