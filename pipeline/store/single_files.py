"""Files of the user's that an artifact is made from, in place of an artifact."""

import dataclasses
import os

from ebm_tf import files


@dataclasses.dataclass(frozen=True)
class SingleFile:
    """A file that an artifact is made from; an input as an `Artifact` is one.

    Attributes:
        path: Where it is.
        digest: Its sha256.
        kind: What it is: "file".
        manifest: None: nothing is known of how it was made.
    """

    path: str
    digest: str
    kind = "file"
    manifest = None

    @property
    def choices(self) -> dict:
        """No registered choice is known to have made it."""
        return {}

    @property
    def place(self) -> dict:
        """As that of `Artifact`."""
        return {"path": os.path.abspath(self.path)}

    def loose_files(self) -> dict[str, str]:
        """Returns its sha256, by its path."""
        return {self.path: self.digest}


def of(path: str, what: str) -> SingleFile:
    """Returns the file at `path`, digested.

    Args:
        path: Where it is.
        what: What it is, for messages.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it is no regular file.
    """
    files.require_regular(path, what)
    return SingleFile(path, files.sha256(path))
