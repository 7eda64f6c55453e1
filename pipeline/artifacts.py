"""What stages make: folders that are whole when they have their name.

A stage writes into NAME.partial; `manifest.json` comes last, then the rename. So a
folder NAME with a manifest is complete, whatever ended the process that wrote it.
`pipeline.manifests` says what a manifest holds.
"""

import contextlib
import dataclasses
import os
import pathlib
from collections.abc import Iterator, Mapping

from ebm_tf import checks
from pipeline import config_io, durable, manifests

MANIFEST = "manifest.json"
REQUEST = "request.json"


@dataclasses.dataclass(frozen=True)
class Artifact:
    """A whole output of a stage.

    Attributes:
        path: Its folder.
        manifest: What its `manifest.json` holds.
    """

    path: str
    manifest: dict

    @property
    def kind(self) -> str:
        """What it is: "examples", "model", ..."""
        return self.manifest["kind"]

    @property
    def config(self) -> dict:
        """The configuration it was made with, as `config_io.to_dict` gives it."""
        return self.manifest["config"]

    @property
    def seed(self) -> int:
        """The seed it was made with."""
        return self.manifest["seed"]

    @property
    def details(self) -> dict:
        """Facts that the stage noted."""
        return self.manifest["details"]

    @property
    def digest(self) -> str:
        """Equal for equal content made by an equal request, at whatever time."""
        return self.manifest["digest"]

    def file(self, name: str) -> str:
        """Returns the path of one of its files or folders."""
        return os.path.join(self.path, name)


class Scratch:
    """An artifact in the making.

    Attributes:
        folder: Where to write its files.
        details: To be filled with facts for later stages; JSON values.
        notes: To be filled with facts for readers, such as where data came from,
            that do not make the artifact another one; JSON values.
    """

    def __init__(self, folder: str):
        self.folder = folder
        self.details: dict = {}
        self.notes: dict = {}


def load(path: str, kind: str) -> Artifact:
    """Returns the artifact at `path`, its files compared with their digests.

    Raises:
        FileNotFoundError: If there is none, or a file of it is missing.
        ValueError: If it is of another kind, unfinished, or a file was changed.
    """
    artifact = peek(path, kind)
    for name, digest in artifact.manifest["files"].items():
        if durable.file_digest(artifact.file(name)) != digest:
            raise checks.InvalidValueError(
                f"{artifact.file(name)} was changed after it was written"
            )
    return artifact


def peek(path: str, kind: str) -> Artifact:
    """As `load`, but looks only whether files are there, not at their content."""
    note = os.path.join(path, MANIFEST)
    if not os.path.exists(note):
        if durable.is_taken(path):
            raise checks.InvalidValueError(
                f"{path} holds no `{kind}`: it has no {MANIFEST}"
            )
        begun = (
            " (it was begun and not finished)" if os.path.isdir(_partial(path)) else ""
        )
        raise checks.MissingFileError(f"there is no `{kind}` at {path}{begun}")
    manifest = config_io.read_json(note)
    if manifest.get("format") != manifests.FORMAT:
        raise checks.InvalidValueError(
            f"{note} has format {manifest.get('format')!r}, "
            f"this program reads {manifests.FORMAT}"
        )
    if manifest.get("seal") != manifests.seal(manifest):
        raise checks.InvalidValueError(f"{note} was changed after it was written")
    artifact = Artifact(path, manifest)
    if artifact.kind != kind:
        raise checks.InvalidValueError(f"{path} holds `{artifact.kind}`, not `{kind}`")
    for name in manifest["files"]:
        checks.require_file(artifact.file(name), f"a file of the `{kind}`")
    return artifact


def find(
    path: str, kind: str, config, inputs: Mapping[str, Artifact], seed: int
) -> Artifact | None:
    """Returns the artifact at `path` if it is what the request asks for.

    Args:
        path: Its folder.
        kind: What it must be.
        config: Configuration of the stage, or a dict of configurations. What the
            recorded configuration has beyond it does not count.
        inputs: The artifacts it is to be made from, by name; compared by digest.
        seed: A whole number.

    Returns:
        The artifact; None if there is nothing, or an empty folder.

    Raises:
        FileNotFoundError: If a file of the artifact is missing.
        ValueError: If something else is there.
    """
    if not durable.is_taken(path):
        return None
    artifact = peek(path, kind)
    other = manifests.difference(
        manifests.request_of(artifact.manifest), _request(kind, config, inputs, seed)
    )
    if other:
        raise checks.InvalidValueError(
            f"{path} was made by another request: {other}. "
            "Take another --out, or remove it"
        )
    return artifact


@contextlib.contextmanager
def writing(
    path: str, kind: str, config, inputs: Mapping[str, Artifact], seed: int
) -> Iterator[Scratch]:
    """Makes the artifact at `path` from what the block writes into `folder`.

    What an earlier process left unfinished is removed first; so is what this block
    leaves if it raises. Arguments as in `find`.

    Raises:
        ValueError: If `path` is taken, or another process is writing it.
        OSError: If it cannot be written.
    """
    with _claimed(path) as partial:
        for entry in os.scandir(partial):
            durable.remove(entry.path)
        started, scratch = manifests.now(), Scratch(partial)
        try:
            yield scratch
            request = _request(kind, config, inputs, seed)
            _commit(scratch, path, request, inputs, started)
        except BaseException:
            with contextlib.suppress(OSError):  # the first error is the one to tell
                durable.remove(partial)
            raise


@contextlib.contextmanager
def resuming(
    path: str,
    kind: str,
    config,
    inputs: Mapping[str, Artifact],
    seed: int,
) -> Iterator[Scratch]:
    """As `writing`, for work that goes on where it was interrupted.

    What the block leaves if it raises stays, with its request, and the same
    request finds it in `folder` again.

    Args:
        path: Folder of the artifact.
        kind: What it will be.
        config: As in `find`, but whole, for the manifest.
        inputs: The artifacts it is made from, by name.
        seed: A whole number.

    Raises:
        ValueError: If unfinished work of another request is there.
    """
    with _claimed(path) as partial:
        request = _request(kind, config, inputs, seed)
        started = _resume(partial, request)
        scratch = Scratch(partial)
        try:
            yield scratch
            _commit(scratch, path, request, inputs, started)
        except BaseException:
            with contextlib.suppress(OSError):
                if not _files(partial):  # nothing to resume from
                    durable.remove(partial)
            raise
        os.remove(os.path.join(path, REQUEST))


def unfinished_folder(path: str) -> str:
    """Returns the folder that becomes `path` when it is whole."""
    return _partial(path)


def unfinished_config(path: str) -> dict | None:
    """Returns the configuration of unfinished work on `path`, or None."""
    note = os.path.join(_partial(path), REQUEST)
    if not os.path.exists(note):
        return None
    return config_io.read_json(note).get("request", {}).get("config")


def _partial(path: str) -> str:
    return os.path.normpath(path) + ".partial"


def _request(kind, config, inputs, seed) -> dict:
    digests = {name: artifact.digest for name, artifact in inputs.items()}
    return manifests.request(kind, config, digests, seed)


@contextlib.contextmanager
def _claimed(path: str) -> Iterator[str]:
    """Yields the folder to write into, made and held; refuses a path in use."""
    if durable.is_taken(path):
        raise checks.InvalidValueError(
            f"{path} is there already. Take another --out, or remove it"
        )
    partial = _partial(path)
    parent = os.path.dirname(os.path.abspath(partial))
    is_new = not os.path.exists(parent)
    os.makedirs(partial, exist_ok=True)
    try:
        with durable.locked(partial, path):
            yield partial
    except BaseException:
        if is_new:
            with contextlib.suppress(OSError):
                os.rmdir(parent)  # unless something is in it
        raise


def _resume(partial: str, request: dict) -> str:
    """Compares the request with the one noted, or notes it; returns its time."""
    note = os.path.join(partial, REQUEST)
    if not os.path.exists(note):
        started = manifests.now()
        content = {"started": started, "request": request}
        durable.write_text(note, config_io.dump_json(content))
        return started
    content = config_io.read_json(note)
    other = manifests.difference(content.get("request", {}), request)
    if other:
        raise checks.InvalidValueError(
            f"{partial} holds unfinished work of another request: {other}. "
            "Take another --out, or remove it"
        )
    return content["started"]


def _files(folder: str) -> dict[str, pathlib.Path]:
    """Returns the files in `folder` by relative path, but those of this module."""
    root = pathlib.Path(folder)
    notes = {name + end for name in (MANIFEST, REQUEST) for end in ("", ".new")}
    found = {
        entry.relative_to(root).as_posix(): entry
        for entry in sorted(root.rglob("*"))
        if entry.is_file()
    }
    return {name: entry for name, entry in found.items() if name not in notes}


def _commit(scratch, path, request, inputs, started) -> None:
    files = {n: durable.file_digest(f) for n, f in _files(scratch.folder).items()}
    paths = {name: os.path.abspath(value.path) for name, value in inputs.items()}
    manifest = manifests.complete(
        request, paths, scratch.details, scratch.notes, files, started
    )
    note = os.path.join(scratch.folder, MANIFEST)
    durable.write_text(note, config_io.dump_json(manifest))
    durable.commit(scratch.folder, path)
