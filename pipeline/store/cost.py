"""What a stage ran on, and what it took."""

import os
import pathlib
import platform
import resource
import sys
import time


def device() -> dict:
    """Returns the names of the CPU and the GPUs, and how many cores and threads.

    GPUs are those that TensorFlow sees, once a stage has imported it.
    """
    gpus = []
    if "tensorflow" in sys.modules:
        import tensorflow as tf

        for gpu in tf.config.list_physical_devices("GPU"):
            details = tf.config.experimental.get_device_details(gpu)
            gpus.append(details.get("device_name", gpu.name))
    cores = len(os.sched_getaffinity(0))
    return {"cpu": _cpu(), "cores": cores, "threads": threads(), "gpus": gpus}


def threads() -> int:
    """Returns how many threads TensorFlow shares an operation among on the CPU.

    Sums are added up by threads: another number of them changes the last bits of
    results.
    """
    asked = os.environ.get("TF_NUM_INTRAOP_THREADS", "")
    given = int(asked) if asked.isdecimal() else 0
    return given or len(os.sched_getaffinity(0))


def _cpu() -> str:
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return names[0] if names else platform.machine()


class Meter:
    """Adds up what a piece of work takes, over all processes that did part of it.

    Args:
        before: What `spent` returned in the process before, or None.
    """

    def __init__(self, before: dict | None = None):
        self._before = before or {}
        self._wall, self._cpu = time.monotonic(), time.process_time()

    def spent(self) -> dict:
        """Returns the sums so far.

        "wall_s" and "cpu_s" are seconds, the second over all threads; "peak_mib" is
        the largest resident memory of a process; "processes" is their number. What
        a process took that was killed is not in it.
        """
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        before = self._before
        wall = time.monotonic() - self._wall + before.get("wall_s", 0)
        cpu = time.process_time() - self._cpu + before.get("cpu_s", 0)
        return {
            "wall_s": round(wall, 3),
            "cpu_s": round(cpu, 3),
            "peak_mib": round(max(peak, before.get("peak_mib", 0))),
            "processes": 1 + before.get("processes", 0),
        }
