"""A folder through which `all` and the process of a stage that KFP started speak.

KFP runs each stage in a process, reads what it prints line by line, and knows of its
end only whether it was good. So the stage writes to the terminal of `all` itself, where
a progress bar is one; leaves its exit code here; and `all` passes on signals to it. The
folder is named in the environment; without one the stage runs by itself.
"""

import contextlib
import os
import pathlib
import select
import signal
import sys
import threading
from collections.abc import Iterator

from ..store import durable

_FOLDER = "EBM_TF_DESK"
_OWNER = "EBM_TF_DESK_OWNER"


class Desk:
    """The side of `all`.

    Args:
        folder: An empty folder.
    """

    def __init__(self, folder: str):
        self._folder = pathlib.Path(folder)

    def environment(self) -> dict[str, str]:
        """Returns what the processes of stages must find in their environment."""
        return {_FOLDER: str(self._folder), _OWNER: str(os.getpid())}

    def stop(self, signum: int) -> None:
        """Passes a signal on to the stage at work, and to any that begins later."""
        durable.write_text(self._folder / "stop", str(signum))
        pid = _number(self._folder / "pid")
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signum)

    def exit_code(self) -> int | None:
        """Returns how the last stage ended that told; None if none failed."""
        return _number(self._folder / "exit_code")


def _number(path: pathlib.Path) -> int | None:
    try:
        return int(path.read_text())
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def at_work() -> Iterator[None]:
    """Within the block this process is the stage at work, if `all` started it.

    Raises:
        SystemExit: If `all` has been told to stop.
    """
    name = os.environ.get(_FOLDER)
    if name is None:
        yield
        return
    folder = pathlib.Path(name)
    # Ctrl-C in the terminal then reaches `all` alone, which passes it on once.
    os.setpgid(0, 0)
    owner = int(os.environ[_OWNER])
    _end_with(owner)
    durable.write_text(folder / "pid", str(os.getpid()))
    try:
        signum = _number(folder / "stop")
        if signum is not None:
            raise SystemExit(128 + signum)
        with _terminal_of(owner):
            yield
    except SystemExit as error:
        durable.write_text(folder / "exit_code", str(error.code))
        raise
    finally:
        (folder / "pid").unlink()


@contextlib.contextmanager
def _terminal_of(pid: int) -> Iterator[None]:
    """Within the block stdout and stderr are those of another process, if it lets."""
    own = {descriptor: os.dup(descriptor) for descriptor in (1, 2)}
    _flush()
    for descriptor in own:
        with contextlib.suppress(OSError):
            # At the end, as the other writes to the same file, if it is one.
            file = os.open(f"/proc/{pid}/fd/{descriptor}", os.O_WRONLY | os.O_APPEND)
            os.dup2(file, descriptor)
            os.close(file)
    try:
        yield
    finally:
        _flush()
        for descriptor, copy in own.items():
            os.dup2(copy, descriptor)
            os.close(copy)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()


def _end_with(pid: int) -> None:
    """Sends this process SIGTERM when another ends, however it does."""
    try:
        other = os.pidfd_open(pid)
    except ProcessLookupError:  # it has ended already
        os.kill(os.getpid(), signal.SIGTERM)
        return
    except OSError:  # not on this kernel
        return

    def wait():
        select.select([other], [], [])
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()
