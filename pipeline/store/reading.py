"""Artifacts while they are read: what is read is what was compared with its digest.

They are held, so that no process of this program replaces them meanwhile. What others
do to their files is found by looking at them again when all is read.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping

from ebm_tf import checks, files, json_files

from . import locks
from .manifests import MANIFEST, seal


class InputChanged(checks.InvalidValueError):
    """What was read is no longer what it was; the text is one line.

    Attributes:
        name: Of the input.
    """

    def __init__(self, message: str, name: str):
        super().__init__(message)
        self.name = name


class Inputs:
    """Inputs that are held, each file with its state when it was digested."""

    def __init__(self):
        self._seen: list[tuple[str, str, str, tuple[int, ...]]] = []

    def add(self, name: str, path: str, digest: str, fault: str) -> None:
        """Compares a file with its digest, and remembers it.

        Args:
            name: Of the input it belongs to.
            path: Of the file.
            digest: Its sha256.
            fault: What it is if it has another, for the message.

        Raises:
            FileNotFoundError: If it is not there.
            ValueError: If its digest is another.
        """
        checks.require_file(path, f"a file of the `{name}`")
        found, state = files.sha256_and_state(path)
        if found != digest:
            raise checks.InvalidValueError(f"{path} {fault}")
        self._seen.append((name, path, digest, state))

    def watch(self, name: str, path: str, digest: str) -> None:
        """As `add`, of a file that was just compared with its digest."""
        self._seen.append((name, path, digest, files.state(path)))

    def require_unchanged(self) -> None:
        """Raises InputChanged if a file is not what it was when it was digested."""
        for name, path, digest, state in self._seen:
            if not _is_same(path, digest, state):
                raise InputChanged(
                    f"{path} was changed while it was read: nothing is made from it. "
                    "Run the command again",
                    name,
                )


def _is_same(path: str, digest: str, state: tuple[int, ...]) -> bool:
    try:
        return files.state(path) == state or files.sha256(path) == digest
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def held(inputs: Mapping) -> Iterator[Inputs]:
    """Holds artifacts for the block, their files compared with their digests.

    Args:
        inputs: Artifacts, parts of some, or files of the user's, by name.

    Yields:
        What `require_unchanged` is asked of when all is read.

    Raises:
        FileNotFoundError: If a file of one is missing.
        ValueError: If a file of one was changed, or one was replaced since it was
            looked at.
    """
    found = Inputs()
    with contextlib.ExitStack() as stack:
        for name, each in inputs.items():
            if each.manifest is not None:  # no process of ours replaces a user's file
                stack.enter_context(locks.read(each.path))
                _add(found, name, each.path, each.manifest)
            for path, digest in each.loose_files().items():
                found.add(name, path, digest, "was changed meanwhile")
        yield found


def _add(found: Inputs, name: str, folder: str, manifest: dict) -> None:
    note = os.path.join(folder, MANIFEST)
    digest = files.sha256(note)
    now = json_files.read_json(note)
    if now.get("seal") != manifest["seal"] or seal(now) != manifest["seal"]:
        raise checks.InvalidValueError(
            f"{folder} was replaced meanwhile: run the command again"
        )
    found.add(name, note, digest, "was changed meanwhile")
    for file, digest in manifest["files"].items():
        path = os.path.join(folder, file)
        found.add(name, path, digest, "was changed after it was written")
