"""What stages make: folders that are whole when they have their name.

A stage writes into NAME.partial; `manifest.json` comes last, then the rename. So a
folder NAME with a manifest is complete, whatever ended the process that wrote it.
`pipeline.manifests` says what a manifest holds.
"""

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping

from ebm_tf import checks, files

from . import (
    choices,
    commits,
    makers,
    manifest_files,
    manifests,
    migration,
    reading,
    replacement,
    unfinished,
)
from .commits import Scratch
from .manifests import MANIFEST


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
        """The configuration it was made with, as `settings.to_dict` gives it."""
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

    @property
    def choices(self) -> dict:
        """Modules of the registered choices it was made by: see `manifests`."""
        return self.manifest["choices"]

    @property
    def place(self) -> dict:
        """What a manifest says of it as an input, beside its digest."""
        return {"path": os.path.abspath(self.path)}

    def file(self, name: str) -> str:
        """Returns the path of one of its files or folders."""
        return os.path.join(self.path, name)

    def loose_files(self) -> dict[str, str]:
        """Returns the sha256 of what is read beside its own files, by path: nothing."""
        return {}


def load(path: str, kind: str) -> Artifact:
    """Returns the artifact at `path`, its files compared with their digests.

    Raises:
        FileNotFoundError: If there is none, or a file of it is missing.
        ValueError: If it is of another kind, unfinished, or a file was changed.
    """
    artifact = peek(path, kind)
    with reading.held({kind: artifact}):
        return artifact


def peek(path: str, kind: str) -> Artifact:
    """As `load`, but looks only whether files are there, not at their content."""
    commits.settle(path)
    note = os.path.join(path, MANIFEST)
    if not os.path.exists(note):
        if files.is_taken(path):
            raise checks.InvalidValueError(
                f"{path} holds no `{kind}`: it has no {MANIFEST}"
            )
        begun = (
            " (it was begun and not finished)"
            if os.path.isdir(unfinished.folder_of(path))
            else ""
        )
        raise checks.MissingFileError(f"there is no `{kind}` at {path}{begun}")
    manifest = manifest_files.read(path)
    if manifest.get("seal") != manifests.seal(manifest):
        raise checks.InvalidValueError(f"{note} was changed after it was written")
    if manifest["digest"] != migration.digest_of(manifest):
        raise checks.InvalidValueError(f"{note} has another digest than its content")
    artifact = Artifact(path, migration.manifest(manifest))
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
        inputs: The artifacts it is to be made from, or parts of some (see `parts`),
            by name; compared by digest.
        seed: A whole number.

    Returns:
        The artifact; None if there is nothing, an empty folder, or what is to be
        replaced.

    Raises:
        FileNotFoundError: If a file of the artifact is missing.
        ValueError: If something else is there.
    """
    commits.settle(path)
    if not files.is_taken(path):
        return None
    artifact = peek(path, kind)
    made = manifests.completed(manifests.request_of(artifact.manifest), config)
    other = manifests.difference(made, _request(kind, config, inputs, seed))
    if other:
        return _stale(artifact, other)
    if artifact.manifest["code"] != makers.of(kind, config, inputs)["code"]:
        if replacement.is_on():
            return _stale(artifact, "its code was changed")
        print(f"{path} was made by other code; --replace makes it anew")
    return artifact


def unless_changed(
    artifact: Artifact, folder: str, digests: Mapping[str, str]
) -> Artifact | None:
    """Returns the artifact, unless a raw file it was made from is another now.

    Args:
        artifact: What `find` returned.
        folder: Where the raw files are.
        digests: Those of the raw files, by name.

    Returns:
        As `find`.

    Raises:
        ValueError: If a raw file is another, and nothing is to be replaced.
    """
    known = artifact.manifest["notes"].get("checksums", {})
    for name, digest in digests.items():
        if known.get(name) != digest:
            return _stale(artifact, f"{name} in {folder} was another")
    return artifact


def _stale(artifact: Artifact, reason: str) -> None:
    """Says that an artifact is made anew, or refuses that."""
    if not replacement.is_on():
        raise checks.InvalidValueError(
            f"{artifact.path} was made by another request: {reason}. "
            "Take another --out, or --replace it"
        )
    print(f"{artifact.path} is made anew: {reason}")


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
    code = makers.of(kind, config, inputs)
    request = _request(kind, config, inputs, seed)
    with _claimed(path, kind) as (partial, replaces):
        unfinished.clear(partial)
        begun = unfinished.begin(code)
        unfinished.note(partial, request, begun)
        scratch = Scratch(folder=partial)
        try:
            yield scratch
            commits.commit(scratch, path, request, inputs, begun, replaces)
        except BaseException:
            with contextlib.suppress(OSError):  # the first error is the one to tell
                if not commits.is_ready(partial):
                    files.remove(partial)
            raise


@contextlib.contextmanager
def resuming(
    path: str,
    kind: str,
    config,
    inputs: Mapping[str, Artifact],
    seed: int,
    decisive=None,
    has_progress: Callable[[str], bool] = lambda folder: bool(commits.files_in(folder)),
) -> Iterator[Scratch]:
    """As `writing`, for work that goes on where it was interrupted.

    What the block leaves if it raises stays, with its request, and the same
    request finds it in `folder` again; unless there is no progress: then nothing
    stays that would refuse another request.

    Args:
        path: Folder of the artifact.
        kind: What it will be.
        config: As in `find`, but whole, for the manifest.
        inputs: The artifacts it is made from, by name.
        seed: A whole number.
        decisive: The part of the configuration that decides the artifact; None
            means all of it.
        has_progress: Whether there is something in a folder to go on with.

    Raises:
        ValueError: If unfinished work of another request is there.
    """
    request = _request(kind, config, inputs, seed)
    decisive = decisive or config
    asked = _request(kind, decisive, inputs, seed)
    imports = choices.imports_of(choices.of(config))
    code = makers.of(kind, decisive, inputs) | {"imports": imports}
    with _claimed(path, kind) as (partial, replaces):
        begun = unfinished.resume(
            partial, asked, decisive, code, replacement.is_on(), has_progress
        )
        unfinished.note(partial, request, begun)
        scratch = Scratch(folder=partial)
        try:
            yield scratch
            commits.commit(scratch, path, request, inputs, begun, replaces)
        except BaseException as error:
            with contextlib.suppress(OSError):
                if commits.is_ready(partial):
                    pass  # the next command gives it its name
                elif has_progress(partial):
                    unfinished.note(partial, _spoiled(request, error), begun)
                else:
                    files.remove(partial)
            raise


def _spoiled(request: dict, error: BaseException) -> dict:
    """Returns a request that no other equals, if what it was made from was changed."""
    if not isinstance(error, reading.InputChanged):
        return request
    changed = {error.name: "changed while it was read"}
    return request | {"inputs": request["inputs"] | changed}


def require_resumable(
    path: str, kind: str, config, inputs: Mapping[str, Artifact], seed: int
) -> None:
    """Raises ValueError if `resuming` would refuse the unfinished work that is there.

    Nothing is written. Arguments as in `find`.
    """
    if not replacement.is_on():
        request = _request(kind, config, inputs, seed)
        unfinished.require_same(unfinished.folder_of(path), request, config)


def _request(kind, config, inputs, seed) -> dict:
    digests = {name: artifact.digest for name, artifact in inputs.items()}
    return manifests.request(kind, config, digests, seed)


@contextlib.contextmanager
def _claimed(path: str, kind: str) -> Iterator[tuple[str, str | None]]:
    """Yields the folder to write into, held, and the seal of what is replaced.

    Refuses a path that is taken.
    """
    commits.settle(path)
    replaces = None
    if files.is_taken(path):
        if not replacement.is_on():
            raise checks.InvalidValueError(
                f"{path} is there already. Take another --out, or --replace it"
            )
        replaces = peek(path, kind).manifest["seal"]  # nothing else is replaced
        commits.require_room(path)
    with unfinished.claimed(path) as partial:
        yield partial, replaces
