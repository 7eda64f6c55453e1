"""What a stage ran on, and what it took."""

import os
import time

from pipeline.store import cost


def test_device_is_this_machine():
    found = cost.device()
    assert found["cpu"] and found["gpus"] == []
    assert found["cores"] == len(os.sched_getaffinity(0))


def test_meter_tells_waiting_from_working():
    meter = cost.Meter()
    time.sleep(0.2)
    waited = meter.spent()
    assert waited["wall_s"] >= 0.2 > 0.1 > waited["cpu_s"]
    start = time.process_time()
    while time.process_time() < start + 0.2:
        pass
    assert meter.spent()["cpu_s"] - waited["cpu_s"] >= 0.19


def test_meter_goes_on_after_another_process():
    before = {"wall_s": 10.0, "cpu_s": 5.0, "peak_mib": 10**6, "processes": 2}
    spent = cost.Meter(before).spent()
    assert 10 <= spent["wall_s"] < 11 and 5 <= spent["cpu_s"] < 6
    assert spent["peak_mib"] == 10**6 and spent["processes"] == 3
