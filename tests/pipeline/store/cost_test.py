"""What a stage ran on, and what it took."""

import os

import pytest

from pipeline.store import cost


def test_device_is_this_machine():
    found = cost.device()
    assert found["cpu"] and found["gpus"] == []
    assert found["cores"] == len(os.sched_getaffinity(0))


class Clock:
    """The time in seconds, of both kinds, as the test sets it."""

    wall = cpu = 0.0

    def monotonic(self):
        return self.wall

    def process_time(self):
        return self.cpu


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(cost, "time", clock)
    return clock


def test_meter_tells_waiting_from_working(clock):
    clock.wall = 100.0
    meter = cost.Meter()
    clock.wall += 3.0
    waited = meter.spent()
    assert (waited["wall_s"], waited["cpu_s"]) == (3.0, 0.0)
    clock.wall, clock.cpu = clock.wall + 2.0, 4.0
    worked = meter.spent()
    assert (worked["wall_s"], worked["cpu_s"]) == (5.0, 4.0)


def test_clocks_are_of_this_process():
    start = cost.time.process_time()
    meter = cost.Meter()
    while cost.time.process_time() < start + 0.02:
        pass
    assert meter.spent()["cpu_s"] > 0.0 and meter.spent()["wall_s"] > 0.0


@pytest.mark.parametrize(
    "asked, threads", [("1", 1), ("3", 3), ("0", None), ("", None)]
)
def test_threads_are_those_that_tensorflow_takes(monkeypatch, asked, threads):
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", asked)
    assert cost.threads() == (threads or len(os.sched_getaffinity(0)))
    assert cost.device()["threads"] == cost.threads()


def test_meter_goes_on_after_another_process(clock):
    before = {"wall_s": 10.0, "cpu_s": 5.0, "peak_mib": 10**6, "processes": 2}
    spent = cost.Meter(before).spent()
    assert (spent["wall_s"], spent["cpu_s"]) == (10.0, 5.0)
    assert spent["peak_mib"] == 10**6 and spent["processes"] == 3
