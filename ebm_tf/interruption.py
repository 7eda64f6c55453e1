"""A signal asks a computation to end.

Its handler notes it and raises `Interrupted`, in the middle of whatever runs then. Not
everything lets that pass: a library that is being loaded makes an ImportError of it, a
bare `except:` and a finalizer drop it. So who runs the work wraps it in `kept`, and
work that has steps asks `raise_noted` between them: a signal that came is never lost.
"""

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator

STOPS = {signal.SIGINT: "interrupted", signal.SIGTERM: "ended by SIGTERM"}

_noted: list["Interrupted"] = []  # one at most


class Interrupted(BaseException):
    """SIGINT or SIGTERM came; the text is one line for the user.

    Like KeyboardInterrupt it is no Exception: what is between a command and its work
    and answers errors, as Keras and AutoGraph do, lets it pass.

    Attributes:
        signum: The signal's number.
        exit_code: What the process ends with, 128 and the number.
    """

    def __init__(self, message: str, signum: int):
        super().__init__(message)
        self.signum = int(signum)
        self.exit_code = 128 + int(signum)


def raise_noted() -> None:
    """Raises `Interrupted` if a signal came and something has dropped its exception."""
    if _noted:
        raise _noted[0]


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Within the block an error after a signal is the signal's.

    Raises:
        Interrupted: If a signal came, whatever was made of its exception.
    """
    try:
        yield
    except Exception as error:
        if _noted:
            raise _noted[0] from error
        raise
    raise_noted()


@contextlib.contextmanager
def raising() -> Iterator[None]:
    """Within the block SIGINT and SIGTERM are noted and raise `Interrupted`.

    Python lets no other thread than the main one handle signals: there it does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(signum, frame):
        _noted[:] = [Interrupted(STOPS[signum], signum)]
        raise _noted[0]

    handlers = {number: signal.signal(number, handle) for number in STOPS}
    hook, sys.unraisablehook = sys.unraisablehook, _quiet_hook(sys.unraisablehook)
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for number, handler in handlers.items():
            signal.signal(number, handler)
        _noted.clear()


def _quiet_hook(hook):
    """Returns a hook that does not speak of what is noted."""

    def quiet(dropped):
        if not isinstance(dropped.exc_value, Interrupted):
            hook(dropped)

    return quiet
