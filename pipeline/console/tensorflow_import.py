"""TensorFlow, imported without what it has to say about itself."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator

from ebm_tf import signals

# TF_CPP_MIN_LOG_LEVEL does not hold yet while TensorFlow is being imported.
_CHATTER = ("I0000 ", "WARNING: All log messages before absl::InitializeLog")

_actions: list[Callable[[], object]] = []


@contextlib.contextmanager
def followed_by(action: Callable[[], object]) -> Iterator[None]:
    """Within the block `action` is called once TensorFlow has been imported.

    For what must come before TensorFlow is used, where perhaps it is not used at all.
    If it has been imported already, `action` is called now.
    """
    if "tensorflow" in sys.modules:
        action()
        yield
        return
    _actions.append(action)
    try:
        yield
    finally:
        _actions.remove(action)


def import_tensorflow() -> None:
    """Imports TensorFlow; its notes at that moment stay off the terminal.

    Warnings and errors pass. A stage calls this before its other imports. A signal
    waits until it is done: modules in C++ make errors of their own of exceptions.
    """
    if "tensorflow" in sys.modules:
        return
    with signals.deferred(), without_chatter():
        import tensorflow  # noqa: F401
    for action in _actions:
        action()


@contextlib.contextmanager
def without_chatter() -> Iterator[None]:
    """Within the block stderr waits; what TensorFlow notes at its import is left out.

    For who imports what may import TensorFlow.
    """
    if "tensorflow" in sys.modules:
        yield
        return
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile("w+", errors="replace") as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(terminal, 2)
            os.close(terminal)
            caught.seek(0)
            for line in caught:
                if not line.startswith(_CHATTER):
                    sys.stderr.write(line)
