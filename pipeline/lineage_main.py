"""The command `lineage`."""

from collections.abc import Sequence

from ebm_tf import checks
from pipeline import cli, lineage

_FLAGS = (
    cli.Flag(
        name="artifact",
        group="inputs",
        kind="path",
        value="PATH",
        help="An artifact, or a file in one, such as a picture.",
    ),
    cli.Flag(
        name="check",
        group="how",
        kind="switch",
        help="Recompute every digest, and end with exit code 1 if one is another.",
    ),
)


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command; `args` are the process's own if None."""
    cli.run(
        "lineage",
        "prints what an artifact was made from, down to the raw files.",
        _FLAGS,
        _show,
        args,
    )


def _show(values: dict) -> None:
    path = values["artifact"]
    checks.require(bool(path), "--artifact", "a path", path)
    checks.require_file(path, "what --artifact names")
    node = lineage.trace(path)
    found = lineage.check(node) if values["check"] else []
    for line in lineage.lines(node):
        print(line)
    if found:
        raise lineage.Changed(f"{len(found)} found: {'; '.join(found)}")
    if values["check"]:
        print("lineage: every digest is as it should be")


if __name__ == "__main__":
    main()
