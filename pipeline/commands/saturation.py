"""The command `saturation`: short for `study --study=saturation`."""

from . import command, flags, study

_KIND = "saturation"


def _saturation(request: flags.Request) -> None:
    study.run_on_model(request, _KIND)


main = command.StageCommand(
    name="saturation",
    summary="follows long chains of a trained model: colors, energies, diversity.",
    flags=flags.of_stage("model"),
    body=_saturation,
    examples=(
        "--out=runs/digits",
        "--out=runs/digits --set=saturation.num_steps=2000",
    ),
    sections=lambda values: study.sections_of(_KIND),
)
