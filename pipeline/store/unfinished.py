"""Unfinished artifacts: the folder NAME.partial, who holds it, what was asked.

The request stands there in `request.json`, with the code that began it and what it has
taken so far. It is the mark of this program too: a folder without it is the user's.
"""

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterator

from ebm_tf import checks, files, json_files

from . import cost, locks, manifest_files, manifests, migration

REQUEST = "request.json"
# What stages keep there to go on with: a note and a folder, no part of the artifact.
PROGRESS = "progress.json"
PARTS = "parts"


@dataclasses.dataclass(frozen=True)
class Begun:
    """When work began, by what code, and what it has taken since.

    Attributes:
        code: The fields choices, imports and code of its manifest.
        started: When, UTC.
        meter: Adds up what it takes.
    """

    code: dict
    started: str
    meter: cost.Meter


def begin(code: dict) -> Begun:
    """Returns work that begins now, by that code."""
    return Begun(code, manifests.now(), cost.Meter())


def folder_of(path: str) -> str:
    """Returns the folder in which the artifact at `path` is made."""
    return os.path.normpath(path) + ".partial"


def config_of(path: str) -> dict | None:
    """Returns the configuration of unfinished work on `path`, or None."""
    note = os.path.join(folder_of(path), REQUEST)
    if not os.path.exists(note):
        return None
    return migration.request(manifest_files.read_request(note)).get("config")


@contextlib.contextmanager
def claimed(path: str) -> Iterator[str]:
    """Yields the folder to write into, made and held against other processes.

    Raises:
        ValueError: If another process holds it, or it is not of this program.
        OSError: If it cannot be made.
    """
    partial = folder_of(path)
    _require_no_link(partial, os.path.islink(partial))
    with files.making(partial), locks.locked(partial, path):
        _require_ours(partial)
        yield partial


def _require_ours(partial: str) -> None:
    """Raises ValueError if a folder holds what this program did not put there."""
    names = set(os.listdir(partial))
    if names - {f"{REQUEST}.new"} and _marked(partial) is None:
        raise checks.InvalidValueError(
            f"{partial} is in the way, and is no work of this program: it has no "
            f"{REQUEST}. Move it, or take another --out"
        )
    for folder, folders, others in os.walk(partial):
        for name in (*folders, *others):
            place = os.path.join(folder, name)
            _require_no_link(place, os.path.islink(place))


def _require_no_link(place: str, is_link: bool) -> None:
    if is_link:
        raise checks.InvalidValueError(
            f"{place} is a link, which unfinished work is not written through. "
            "Remove it, or take another --out"
        )


def _marked(folder: str) -> dict | None:
    """Returns what `request.json` holds there; None if there is none.

    Raises:
        ValueError: If it is not of this program.
    """
    note = os.path.join(folder, REQUEST)
    if not os.path.lexists(note):
        return None
    content = json_files.read_json(note)
    if not isinstance(content.get("request"), dict):
        raise checks.InvalidValueError(f"{note} is no request of this program")
    return content


def replaces(folder: str) -> str | None:
    """Returns the seal of what the work in a folder takes the place of, or None."""
    marked = _marked(folder)
    return None if marked is None else marked.get("replaces")


def clear(folder: str) -> None:
    """Removes what is in a folder."""
    for entry in os.scandir(folder):
        files.remove(entry.path)


def resume(
    partial: str,
    request: dict,
    config,
    code: dict,
    replace: bool,
    has_progress: Callable[[str], bool],
) -> Begun:
    """Returns the work that the request goes on with, or that it begins.

    Work without progress is removed, whatever was asked for.

    Args:
        partial: The folder, held.
        request: What decides it.
        config: The configuration of the request, or a dict of configurations.
        code: What makes it now: the fields choices, imports and code of a manifest.
        replace: Whether unfinished work of another request or of other code is
            removed. Otherwise work goes on under other code.
        has_progress: Whether there is something in a folder to go on with.

    Raises:
        ValueError: If unfinished work of another request is there, and stays.
    """
    content = _marked(partial)
    if content and has_progress(partial):
        # Of work that was ready, for a name that was taken.
        with contextlib.suppress(FileNotFoundError):
            os.remove(os.path.join(partial, manifests.MANIFEST))
        begun = manifests.completed(migration.request(content), config)
        other = manifests.difference(begun, request)
        other_code = content.get("code") != code["code"]
        if not other and not (other_code and replace):
            _tell_of_threads(partial, content.get("threads"))
            meter = cost.Meter(content.get("spent"))
            return Begun(code, content["started"], meter)
        if not replace:
            _refuse(partial, other)
        print(f"{partial} is begun anew: {other or 'its code was changed'}")
    clear(partial)
    return begin(code)


def require_same(partial: str, request: dict, config) -> None:
    """Raises ValueError if unfinished work of another request is in a folder.

    Arguments as in `resume`.
    """
    path = os.path.join(partial, REQUEST)
    if os.path.exists(path):
        content = manifest_files.read_request(path)
        begun = manifests.completed(migration.request(content), config)
        other = manifests.difference(begun, request)
        if other:
            _refuse(partial, other)


def _refuse(partial: str, other: str) -> None:
    raise checks.InvalidValueError(
        f"{partial} holds unfinished work of another request: {other}. "
        "Take another --out, or --replace it"
    )


def _tell_of_threads(partial: str, before: int | None) -> None:
    if before not in (None, cost.threads()):
        print(
            f"{partial} was begun with {before} threads and goes on with "
            f"{cost.threads()}: the last bits of its numbers are others than with "
            f"TF_NUM_INTRAOP_THREADS={before}"
        )


def note(
    partial: str, request: dict, begun: Begun, replaces: str | None = None
) -> None:
    """Writes what a later process needs to go on.

    Args:
        partial: The folder, held.
        request: What was asked for.
        begun: When the work began, and what it took.
        replaces: Of work that is ready, the seal of what it takes the place of.
    """
    content = {
        "format": manifests.FORMAT,
        "started": begun.started,
        "request": request,
        "code": begun.code["code"],
        "spent": begun.meter.spent(),
        "replaces": replaces,
        "threads": cost.threads(),
    }
    files.write_text(os.path.join(partial, REQUEST), json_files.dump_json(content))
