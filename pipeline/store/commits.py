"""Artifacts on their way to their name: what was made, its manifest, the renames.

Work whose folder NAME.partial has a manifest is ready; what it takes the place of is
called NAME.replaced for a moment, and its seal stands in the new one's request until it
is gone. So a kill between any two steps leaves what `settle` can finish, and tell from
a user's own folder of that name.
"""

import contextlib
import dataclasses
import os
import pathlib
from collections.abc import Mapping

from ebm_tf import checks, files, json_files

from . import locks, manifests, unfinished

_REPLACED = ".replaced"
# The mark comes last: as long as it is there, `settle` goes on.
_WHILE_MADE = unfinished.PROGRESS, unfinished.PARTS, unfinished.REQUEST


@dataclasses.dataclass
class Scratch(manifests.Facts):
    """An artifact that is being made, and what is noted of it.

    Attributes:
        folder: Where to write its files.
    """

    folder: str = dataclasses.field(kw_only=True)


def files_in(folder: str) -> dict[str, pathlib.Path]:
    """Returns the files in `folder` by relative path, but those of the store."""
    root = pathlib.Path(folder)
    names = manifests.MANIFEST, *_WHILE_MADE
    notes = {name + end for name in names for end in ("", ".new")}
    found = {
        entry.relative_to(root).as_posix(): entry
        for entry in sorted(root.rglob("*"))
        if entry.is_file()
    }
    return {n: entry for n, entry in found.items() if n.split("/")[0] not in notes}


def is_ready(folder: str) -> bool:
    """Returns whether the work in a folder lacks nothing but its name."""
    return os.path.lexists(os.path.join(folder, manifests.MANIFEST))


def commit(
    scratch: Scratch,
    path: str,
    request: dict,
    inputs: Mapping,
    begun: unfinished.Begun,
    replaces: str | None = None,
) -> None:
    """Gives an artifact its manifest and its name, in place of what was there.

    Args:
        scratch: What was made.
        path: Where it belongs.
        request: What was asked for.
        inputs: What it was made from, by name; each has a `place`.
        begun: When the work began, by what code, and what it took.
        replaces: The seal of the artifact that it takes the place of; None if there
            is none.

    Raises:
        ValueError: If something else is there by now.
    """
    digests = {n: files.sha256(f) for n, f in files_in(scratch.folder).items()}
    manifest = manifests.complete(
        request,
        {name: value.place for name, value in inputs.items()},
        scratch,
        digests,
        begun.code,
        begun.started,
        begun.meter.spent(),
    )
    files.sync_tree(scratch.folder)
    unfinished.note(scratch.folder, request, begun, replaces)
    note = os.path.join(scratch.folder, manifests.MANIFEST)
    files.write_text(note, json_files.dump_json(manifest))
    files.sync(scratch.folder)
    _name(scratch.folder, path, replaces)
    _tidy(path)


def require_room(path: str) -> None:
    """Raises ValueError if something lies where a replaced artifact goes meanwhile."""
    old = _old(path)
    if files.is_taken(old):
        raise checks.InvalidValueError(
            f"{old} is in the way of a replacement, and is not of this program. "
            "Move it, or take another --out"
        )


def settle(path: str) -> None:
    """Finishes what a kill between two steps of `commit` left of an artifact.

    It does nothing while another process makes the artifact or reads what is replaced,
    and touches nothing that is not of this program.
    """
    partial = unfinished.folder_of(path)
    if is_ready(partial) and not os.path.islink(partial):
        with locks.locked_if_free(partial) as free:
            if free and _fits(partial, path) and _finish(partial, path):
                print(f"{path} is finished: the command that made it was killed")
    if os.path.lexists(os.path.join(path, unfinished.REQUEST)):
        # Who may not do it can read the artifact all the same.
        with contextlib.suppress(OSError), locks.locked_if_free(path, True) as free:
            if free:
                _tidy(path)


def _fits(partial: str, path: str) -> bool:
    """Returns whether what is ready may have its name."""
    marked = os.path.lexists(os.path.join(partial, unfinished.REQUEST))
    if not marked or _seal(partial) is None:
        return False
    if not files.is_taken(path):
        return True
    replaces = unfinished.replaces(partial)
    return _seal(path) == replaces and not files.is_taken(_old(path))


def _finish(partial: str, path: str) -> bool:
    """Gives what is ready its name, unless what is there is read; whether it did."""
    if not files.is_taken(path):
        files.rename(partial, path)
        return True
    with locks.locked_if_free(path) as free:
        if free:
            _swap(partial, path)
        return free


def _swap(partial: str, path: str) -> None:
    os.rename(path, _old(path))
    files.rename(partial, path)


def _name(partial: str, path: str, replaces: str | None) -> None:
    if not files.is_taken(path):
        files.rename(partial, path)
        return
    if replaces is None or _seal(path) != replaces:
        raise checks.InvalidValueError(
            f"{path} is another by now: what was made for it is in {partial}"
        )
    with locks.unread(path):
        _swap(partial, path)


def _tidy(path: str) -> None:
    """Removes what an artifact took the place of, and the notes of its making."""
    old, replaces = _old(path), unfinished.replaces(path)
    if replaces is not None and files.is_taken(old) and _seal(old) == replaces:
        _discard(old)
    for name in _WHILE_MADE:
        if os.path.lexists(os.path.join(path, name)):
            files.remove(os.path.join(path, name))


def _discard(old: str) -> None:
    """Removes an artifact, its manifest last: as long as that is there it is known."""
    if os.path.islink(old):
        os.remove(old)
        return
    for name in os.listdir(old):
        if name != manifests.MANIFEST:
            files.remove(os.path.join(old, name))
    files.remove(old)


def _old(path: str) -> str:
    return os.path.normpath(path) + _REPLACED


def _seal(path: str) -> str | None:
    """Returns the seal of an artifact; None if there is none, or it is broken."""
    note = os.path.join(path, manifests.MANIFEST)
    if not os.path.isfile(note):
        return None
    manifest = json_files.read_json(note)
    seal = manifest.get("seal")
    return seal if seal == manifests.seal(manifest) else None
