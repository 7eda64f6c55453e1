"""Commands that make artifacts: what all of them share."""

from collections.abc import Callable, Sequence

from pipeline import cli, flags, ingest, replacing

_REPLACE = cli.Flag(
    name="replace",
    group="how",
    kind="switch",
    help="Make anew what another request or other code made. The old one stays until "
    "the new one is whole.",
)
_DRY_RUN = cli.Flag(
    name="dry_run",
    group="how",
    kind="switch",
    help="Print the resolved configuration, and do nothing.",
)


def run(
    command: str,
    summary: str,
    own_flags: Sequence[cli.Flag],
    body: Callable[[flags.Request], None],
    args: Sequence[str] | None,
    shorts: Callable[[dict], Sequence[str]] = lambda values: (),
    replaces: bool = False,
) -> None:
    """Runs a command that makes artifacts: `cli.run`, with what all of them share.

    Args:
        command: Its name.
        summary: One sentence for `--help`.
        own_flags: Those of `flags.of_stage(...)` and its own.
        body: Does the work.
        args: As in `cli.run`.
        shorts: Returns the `--set` values that the command's own flags stand for.
        replaces: Whether it always does what `--replace` asks of others.
    """

    def main(values: dict) -> None:
        values["set"] = [*values["set"], *shorts(values)]
        request = flags.resolve(values)
        if values["dry_run"]:
            print(request.described(), end="")
            return
        with replacing.on(replaces or values["replace"]):
            body(request)

    how = (_DRY_RUN,) if replaces else (_REPLACE, _DRY_RUN)
    cli.run(command, summary, (*own_flags, *how), main, args)


def ingest_first(request: flags.Request) -> None:
    """Makes the run's own examples, unless it reads those of another or has them."""
    if request.values["examples"] is None:
        ingest.run(
            request.values["data_dir"],
            request.output("examples"),
            request.config.ingest,
            request.seed,
        )
