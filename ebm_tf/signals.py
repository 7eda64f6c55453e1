"""Ctrl-C and SIGTERM, kept until a moment where stopping loses nothing."""

import contextlib
import signal
import threading
from collections.abc import Iterator

_STOPS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Attributes: signum: number of the signal that came, or None."""

    signum: int | None = None


@contextlib.contextmanager
def immediate() -> Iterator[None]:
    """Within the block SIGINT and SIGTERM end the process at once.

    For calls that do not come back to Python, where a handler would never run.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {n: signal.signal(n, signal.SIG_DFL) for n in _STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def deferred() -> Iterator[Stop]:
    """Within the block SIGINT and SIGTERM are only noted, in what it yields.

    A second signal acts at once, as usual. One that came acts when the block ends
    without an error: the block did not act on it. Outside the main thread Python
    allows no handlers, and nothing is deferred.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {n: signal.getsignal(n) for n in _STOPS}

    def restore():
        for number, handler in before.items():
            signal.signal(number, handler)

    def note(number, frame):
        stop.signum = number
        restore()

    for number in before:
        signal.signal(number, note)
    try:
        yield stop
    finally:
        restore()
    if stop.signum is not None:
        signal.raise_signal(stop.signum)
