"""The thread of all visitors: turns, errors, those who have left."""

import threading

import pytest

from ebm_tf import checks
from pipeline.demo_page.worker import Job, Worker
from tests.pipeline.demo_page.conftest import until


class Log:
    """What is told of a job."""

    def __init__(self, name="", said=None):
        self.name, self.said, self.ends = name, [] if said is None else said, []

    def job(self, make) -> Job:
        """Returns a job whose steps are noted."""
        return Job(make=make, on_step=self.step, on_end=self.ends.append)

    def step(self, made) -> None:
        """Notes a step."""
        self.said.append((self.name, made))


def test_jobs_take_turns_step_by_step():
    said, worker = [], Worker()
    logs = [Log(name, said) for name in "ab"]
    for log in logs:
        worker.submit(log.job(lambda: iter(range(3))))
    with worker:
        until(lambda: all(log.ends for log in logs))
    assert said == [(name, step) for step in range(3) for name in "ab"]
    assert [log.ends for log in logs] == [[None], [None]]


def test_what_goes_wrong_is_one_line_and_others_go_on(capsys):
    def wrong():
        yield 1
        checks.require(False, "noise", "positive", -1)

    def defect():
        yield 1
        raise KeyError("oh")

    logs = [Log(), Log(), Log()]
    with Worker() as worker:
        for log, make in zip(logs, (wrong, defect, lambda: iter(range(5)))):
            worker.submit(log.job(make))
        until(lambda: all(log.ends for log in logs))
    assert logs[0].ends == ["`noise` must be positive. Received: noise=-1"]
    assert logs[1].ends == ["a defect of this page: KeyError"]
    assert logs[2].ends == [None] and len(logs[2].said) == 5
    assert "KeyError: 'oh'" in capsys.readouterr().err


def test_a_job_that_nobody_waits_for_ends():
    log, first, seen = Log(), threading.Event(), []

    def endless():
        while True:
            seen.append(1)
            first.set()
            yield

    job, other = log.job(endless), Log()
    with Worker() as worker:
        worker.submit(job)
        first.wait()
        job.is_cancelled = True
        worker.submit(other.job(lambda: iter([])))
        until(lambda: other.ends)
        num = len(seen)
        worker.submit(Log().job(lambda: iter([])))
    assert len(seen) == num and log.ends == []


def test_the_thread_ends_in_the_middle_of_a_job():
    first, worker = threading.Event(), Worker()

    def endless():
        while True:
            first.set()
            yield

    with worker:
        worker.submit(Log().job(endless))
        first.wait()
    with pytest.raises(RuntimeError):  # threads are started once
        worker.__enter__()
    assert "chains" not in [thread.name for thread in threading.enumerate()]
