"""The chains of one visitor: what runs, its frames, and the one that is shown."""

import dataclasses
import threading
from collections.abc import Callable, Iterator

from .chains import Frame
from .worker import Job, Worker


@dataclasses.dataclass(frozen=True)
class View:
    """What is seen at one moment.

    Attributes:
        frames: What there is so far.
        head: Number of the frame that is shown; -1 without frames.
        is_running: Whether more are to come.
        message: One line that says what is wrong, or "".
    """

    frames: tuple[Frame, ...]
    head: int
    is_running: bool
    message: str

    @property
    def frame(self) -> Frame | None:
        """The frame that is shown."""
        return self.frames[self.head] if self.frames else None


class Player:
    """Frames as they come from the worker's thread.

    Args:
        worker: Who runs the chains.
    """

    def __init__(self, worker: Worker):
        self._worker, self._lock = worker, threading.Lock()
        self._job: Job | None = None
        self._frames: list[Frame] = []
        self._head, self._follows, self._message, self._version = -1, True, "", 0

    def begin(self, make: Callable[[], Iterator[Frame | None]]) -> None:
        """Runs chains in place of those that run; `make` is called in the thread."""
        self.stop()
        job = Job(
            make=make,
            on_step=lambda frame: frame and self._add(job, frame),
            on_end=lambda line: self._end(job, line),
        )
        with self._lock:
            self._job, self._frames, self._message = job, [], ""
            self._head, self._follows = -1, True
            self._version += 1
        self._worker.submit(job)

    def stop(self) -> None:
        """Ends what runs; the frames that there are stay."""
        with self._lock:
            if self._job is not None:
                self._job.is_cancelled = True
                self._job = None
                self._version += 1

    def close(self) -> None:
        """Ends what runs, and forgets the frames: the visitor has left."""
        self.stop()
        with self._lock:
            self._frames, self._head = [], -1

    def tell(self, line: str) -> None:
        """Shows a line that says what is wrong; "" for nothing. All else stays."""
        with self._lock:
            self._message = line
            self._version += 1

    def _add(self, job: Job, frame: Frame) -> None:
        with self._lock:
            if job is not self._job:
                return
            self._frames.append(frame)
            self._head = max(self._head, 0)
            self._version += 1

    def _end(self, job: Job, line: str | None) -> None:
        with self._lock:
            if job is not self._job:
                return
            self._job, self._message = None, line or ""
            self._version += 1

    def advance(self) -> int:
        """Moves the shown frame one on, if there is one; returns the version.

        The version changes with all that is seen.
        """
        with self._lock:
            if self._follows and self._head < len(self._frames) - 1:
                self._head += 1
                self._version += 1
            return self._version

    def seek(self, head: int) -> None:
        """Shows a frame, and stays there; the last one is followed by newer ones."""
        with self._lock:
            last = len(self._frames) - 1
            self._head = min(max(int(head), min(0, last)), last)
            self._follows = self._head == last
            self._version += 1

    def replay(self) -> None:
        """Shows the frames from the first on."""
        with self._lock:
            self._head, self._follows = min(0, len(self._frames) - 1), True
            self._version += 1

    def view(self) -> View:
        """Returns what is seen now."""
        with self._lock:
            running = self._job is not None
            return View(tuple(self._frames), self._head, running, self._message)
