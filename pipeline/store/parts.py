"""Parts of artifacts, which others are made from: some files, with their own digest."""

import dataclasses
import pathlib

from ebm_tf import checks, files

from . import manifests
from .artifacts import Artifact


def digest_of(folder: str, manifest: dict, pattern: str) -> str | None:
    """Returns the digest of those files of an artifact that match a pattern.

    Args:
        folder: That of the artifact.
        manifest: Its manifest, which knows the digests of its own files.
        pattern: Which, as `glob` takes it.

    Returns:
        sha256 over their names and digests; None if there is no such file.
    """
    found = _digests(folder, manifest, pattern)
    return manifests.sha256(found) if found else None


def _digests(folder: str, manifest: dict, pattern: str) -> dict[str, str]:
    """Returns the sha256 of the files of an artifact that match, by relative path."""
    found = {}
    for path in sorted(pathlib.Path(folder).glob(pattern)):
        name = path.relative_to(folder).as_posix()
        found[name] = manifest["files"].get(name) or files.sha256(path)
    return found


@dataclasses.dataclass(frozen=True)
class Part:
    """Some files of an artifact, which another is made from, with their own digest.

    Attributes:
        artifact: What they are of.
        pattern: Which, such as "checkpoints/ckpt-9000.*".
        digest: sha256 over the digests of the files.
    """

    artifact: Artifact
    pattern: str
    digest: str

    @property
    def path(self) -> str:
        """Folder of the artifact."""
        return self.artifact.path

    @property
    def manifest(self) -> dict:
        """Of the artifact."""
        return self.artifact.manifest

    @property
    def choices(self) -> dict:
        """Of the artifact."""
        return self.artifact.choices

    @property
    def kind(self) -> str:
        """Of the artifact."""
        return self.artifact.kind

    @property
    def place(self) -> dict:
        """As that of `Artifact`."""
        return self.artifact.place | {"files": self.pattern}

    def loose_files(self) -> dict[str, str]:
        """Returns the sha256 of its files that the manifest does not know, by path.

        Raises:
            ValueError: If its digest is no longer what it was.
        """
        found = _digests(self.path, self.manifest, self.pattern)
        if manifests.sha256(found) != self.digest:
            raise checks.InvalidValueError(
                f"{self.path} was changed meanwhile: run the command again"
            )
        loose = found.keys() - self.manifest["files"].keys()
        return {self.artifact.file(name): found[name] for name in loose}


def of(artifact: Artifact, pattern: str, what: str) -> Artifact | Part:
    """Returns the files of an artifact that match; an input, in place of the whole.

    Of an artifact of format 1, whose digest is of all its files, it is the whole.

    Args:
        artifact: What they are of.
        pattern: Which, as `glob` takes it.
        what: What they are, for messages.

    Raises:
        FileNotFoundError: If there is no such file.
    """
    digest = digest_of(artifact.path, artifact.manifest, pattern)
    if digest is None:
        raise checks.MissingFileError(
            f"{what} does not exist: {artifact.file(pattern)}"
        )
    is_now = artifact.manifest["format"] == manifests.FORMAT
    return Part(artifact, pattern, digest) if is_now else artifact
