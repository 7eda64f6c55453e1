"""The way into a command: a signal is answered from its first moment on.

Before that stands only what Python itself loads: what a command imports takes longer.
"""

import functools
import importlib
import os
import signal

_SAID = {signal.SIGINT: "interrupted", signal.SIGTERM: "ended by SIGTERM"}


def run(name: str) -> None:
    """Runs the command of that name, as `main` of its module.

    Raises:
        SystemExit: As `cli.run`.
    """

    def end(signum, frame):  # nothing was begun, or all is done
        line = f"{name}: {_SAID[signum]}; go on with the same command\n"
        os.write(2, line.encode())
        os._exit(128 + signum)

    for number in _SAID:
        signal.signal(number, end)
    importlib.import_module(f"{__package__}.{name}").main()


def __getattr__(name: str):
    """Returns what runs the command of that name: scripts of an installation ask."""
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return functools.partial(run, name)
