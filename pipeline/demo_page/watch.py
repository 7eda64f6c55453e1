"""The model of the page, which may not be there yet."""

import threading

from ebm_tf import checks

from . import subject
from .subject import Subject

_SECONDS = 2.0


class Watch:
    """Looks for a model until it is there; a context that ends it.

    Args:
        path: Folder of the artifact `model`.
        examples: Folder of the run's examples, or None.

    Attributes:
        found: The model, or None.
        message: Why there is none.
    """

    def __init__(self, path: str, examples: str | None):
        self._path, self._examples = path, examples
        self.found: Subject | None = None
        self.message = ""
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *error) -> None:
        self._ends.set()
        self._thread.join()

    def load(self) -> None:
        """Loads the model, if there is one.

        Raises:
            ValueError: If it is damaged.
        """
        if subject.is_there(self._path):
            self.found = subject.load(self._path, self._examples)
            self.message = ""
        else:
            self.message = f"There is no model at {self._path} yet."

    def _look(self) -> None:
        while self.found is None and not self._ends.wait(_SECONDS):
            try:
                self.load()
            except (checks.InputError, OSError) as error:
                self.message = str(error)
