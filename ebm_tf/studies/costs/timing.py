"""Seconds of a call, and what they come to."""

import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

HOUR = 3600.0


class Took(NamedTuple):
    """What one of several calls took.

    Attributes:
        seconds: On the clock, the median.
        cpu_seconds: Over all threads of the process, the mean.
    """

    seconds: float
    cpu_seconds: float

    def hours(self, times: float) -> dict[str, float]:
        """Returns the hours of so many calls, by the clock and of the CPU."""
        return {
            "hours": self.seconds * times / HOUR,
            "cpu_hours": self.cpu_seconds * times / HOUR,
        }


def timed(
    call: Callable[[], object],
    num: int,
    clock: Callable[[], float] = time.perf_counter,
    cpu_clock: Callable[[], float] = time.process_time,
) -> Took:
    """Calls once, which is not timed, and then `num` times.

    Args:
        call: Returns when its work is done.
        num: How many calls are timed.
        clock: Seconds since some moment.
        cpu_clock: Likewise, of the CPU.
    """
    call()
    begun, each, before = cpu_clock(), [], clock()
    for _ in range(num):
        call()
        now = clock()
        each.append(now - before)
        before = now
    return Took(statistics.median(each), (cpu_clock() - begun) / num)
