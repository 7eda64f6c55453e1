"""One thread that runs the chains of all visitors, a step of each in turn."""

import collections
import dataclasses
import sys
import threading
import traceback
from collections.abc import Callable, Iterator

from ebm_tf import checks, resources


@dataclasses.dataclass(eq=False)
class Job:
    """Work of several steps.

    Attributes:
        make: Returns what makes one step at each `next`; called in the thread.
        on_step: Takes what a step returned.
        on_end: Takes the line that says what went wrong, or None.
        is_cancelled: Set by who waits no longer; nothing is called then.
    """

    make: Callable[[], Iterator]
    on_step: Callable[[object], None]
    on_end: Callable[[str | None], None]
    is_cancelled: bool = False
    steps: Iterator | None = None


class Worker:
    """The thread, and the work that waits for it; a context that ends it."""

    def __init__(self):
        self._jobs: collections.deque[Job] = collections.deque()
        self._changed = threading.Condition()
        self._ends = False
        self._thread = threading.Thread(target=self._work, name="chains", daemon=True)

    def __enter__(self) -> "Worker":
        self._thread.start()
        return self

    def __exit__(self, *error) -> None:
        with self._changed:
            self._ends = True
            self._changed.notify()
        self._thread.join()

    def submit(self, job: Job) -> None:
        """Takes a job, whose turn comes after those that are there."""
        with self._changed:
            self._jobs.append(job)
            self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._jobs or self._ends)
                if self._ends:
                    return
                job = self._jobs.popleft()
            if not job.is_cancelled and _step(job):
                self.submit(job)


def _step(job: Job) -> bool:
    """Runs one step of a job; returns whether there may be another."""
    try:
        if job.steps is None:
            job.steps = job.make()
        made = next(job.steps)
    except StopIteration:
        _tell(job, None)
    except Exception as error:
        _tell(job, _line(error))
    else:
        if not job.is_cancelled:
            job.on_step(made)
        return True
    return False


def _tell(job: Job, line: str | None) -> None:
    if not job.is_cancelled:
        job.on_end(line)


def _line(error: Exception) -> str:
    """Returns what a visitor reads of an error; the terminal has all of a defect."""
    if isinstance(error, checks.InputError):
        return str(error)
    if resources.is_exhausted(error):
        return str(resources.told(error))
    traceback.print_exception(error, file=sys.stderr)
    return f"a defect of this page: {type(error).__name__}"
