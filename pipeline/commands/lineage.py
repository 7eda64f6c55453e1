"""The command `lineage`."""

from ebm_tf import checks

from ..console import cli
from ..store import lineage
from . import command

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


def _show(values: dict) -> None:
    path = values["artifact"]
    checks.require(bool(path), "--artifact", "a path", path)
    lineage.finish(path)
    checks.require_file(path, "what --artifact names")
    node = lineage.trace(path)
    found = lineage.check(node) if values["check"] else lineage.missing(node)
    for line in lineage.lines(node):
        print(line)
    if found:
        raise lineage.Changed(f"{len(found)} found: {'; '.join(found)}")
    if values["check"]:
        print("lineage: every digest is as it should be")


main = command.Command(
    name="lineage",
    summary="prints what an artifact was made from, down to the raw files.",
    flags=_FLAGS,
    body=_show,
    examples=(
        "--artifact=runs/digits/samples",
        "--artifact=runs/digits/evaluation --check",
    ),
)
