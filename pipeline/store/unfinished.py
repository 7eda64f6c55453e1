"""Unfinished artifacts: the folder NAME.partial, who holds it, what was asked.

Work that can go on keeps its request there, in `request.json`, with the code that
began it and what it has taken so far.
"""

import contextlib
import dataclasses
import os
from collections.abc import Iterator

from ebm_tf import checks, files, json_files

from . import cost, locks, manifests, migration

REQUEST = "request.json"


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
    return migration.request(json_files.read_json(note)).get("config")


@contextlib.contextmanager
def claimed(path: str) -> Iterator[str]:
    """Yields the folder to write into, made and held against other processes.

    Raises:
        ValueError: If another process holds it.
        OSError: If it cannot be made.
    """
    partial = folder_of(path)
    parent = os.path.dirname(os.path.abspath(partial))
    is_new = not os.path.exists(parent)
    os.makedirs(partial, exist_ok=True)
    try:
        with locks.locked(partial, path):
            yield partial
    except BaseException:
        if is_new:
            with contextlib.suppress(OSError):
                os.rmdir(parent)  # unless something is in it
        raise


def clear(folder: str) -> None:
    """Removes what is in a folder."""
    for entry in os.scandir(folder):
        files.remove(entry.path)


def resume(partial: str, request: dict, config, code: dict, replace: bool) -> Begun:
    """Returns the work that the request goes on with, or that it begins.

    Args:
        partial: The folder, held.
        request: What decides it.
        config: The configuration of the request, or a dict of configurations.
        code: What makes it now: the fields choices, imports and code of a manifest.
        replace: Whether unfinished work of another request or of other code is
            removed. Otherwise work goes on under other code.

    Raises:
        ValueError: If unfinished work of another request is there, and stays.
    """
    path = os.path.join(partial, REQUEST)
    if os.path.exists(path):
        content = json_files.read_json(path)
        begun = manifests.completed(migration.request(content), config)
        other = manifests.difference(begun, request)
        other_code = content.get("code") != code["code"]
        if not other and not (other_code and replace):
            meter = cost.Meter(content.get("spent"))
            return Begun(code, content["started"], meter)
        if not replace:
            raise checks.InvalidValueError(
                f"{partial} holds unfinished work of another request: {other}. "
                "Take another --out, or --replace it"
            )
        print(f"{partial} is begun anew: {other or 'its code was changed'}")
        clear(partial)
    return begin(code)


def note(partial: str, request: dict, begun: Begun) -> None:
    """Writes what a later process needs to go on."""
    content = {
        "format": manifests.FORMAT,
        "started": begun.started,
        "request": request,
        "code": begun.code["code"],
        "spent": begun.meter.spent(),
    }
    files.write_text(os.path.join(partial, REQUEST), json_files.dump_json(content))
