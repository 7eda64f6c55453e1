"""The command `saturation`."""

from ..stages import saturation
from . import command, flags


def _saturation(request: flags.Request) -> None:
    saturation.run(
        request.input("model"),
        request.output("saturation"),
        request.config.saturation,
        request.config.sample.sampler,
        request.seed,
    )


main = command.StageCommand(
    name="saturation",
    summary="follows long chains of a trained model: colors, energies, diversity.",
    flags=flags.of_stage("model"),
    body=_saturation,
    sections=("saturation", "sample"),
)
