"""Memory and disk: what there is, looked at before much of it is asked for.

Linux gives more memory than it has and then kills who uses it. So whoever is about to
need much says how much, in a `Need`, and is refused in one line that names the setting
to lower. What cannot be known before, the same line tells when it has happened.
"""

import contextlib
import dataclasses
import math
import os
import pathlib
import shutil
from collections.abc import Iterable, Iterator

from ebm_tf import checks

MEMORY, DISK = "memory", "disk"
_CGROUPS = pathlib.Path("/sys/fs/cgroup")
# Of errors that are no MemoryError: TensorFlow's on a CPU, XLA's, CUDA's, NumPy's.
_SIGNS = (
    "OOM when allocating",
    "RESOURCE_EXHAUSTED",
    "Out of memory",
    "CUDA_ERROR_OUT_OF_MEMORY",
    "std::bad_alloc",
    "Maximum allowed dimension exceeded",
    "array is too big",
    "too many elements",
)


class OutOfMemory(checks.InputError):
    """There is not the memory for what was asked; the text is one line."""


@dataclasses.dataclass(frozen=True)
class Need:
    """What something takes, at least.

    Attributes:
        what: What it is, such as "the replay buffer".
        num_bytes: How much.
        settings: Names of the settings that make it smaller, if there are any.
        of: `MEMORY` or `DISK`.
    """

    what: str
    num_bytes: int
    settings: tuple[str, ...]
    of: str = MEMORY


def available_memory() -> int:
    """Returns the bytes of memory there are for this process.

    The smaller of what the kernel calls available and of the limits of the process's
    control groups.
    """
    return min([_mem_available(), *_cgroup_limits()])


def available_disk(path: str | os.PathLike) -> int:
    """Returns the bytes that are free where `path` is, or is to be made."""
    there = os.path.abspath(path)
    while not os.path.isdir(there):
        there = os.path.dirname(there)
    return shutil.disk_usage(there).free


def require(needs: Iterable[Need], path: str | os.PathLike = ".") -> None:
    """Raises `InvalidValueError` unless there is room for each of `needs`.

    Args:
        needs: Of memory and of disk.
        path: Where the disk is.
    """
    for need in needs:
        there = available_memory() if need.of == MEMORY else available_disk(path)
        if need.num_bytes > there:
            where = "" if need.of == MEMORY else f" at {os.fspath(path)}"
            lower = f": lower {_named(need.settings)}" if need.settings else ""
            raise checks.InvalidValueError(
                f"{need.what} needs {need.num_bytes:,} bytes of {need.of}, and there "
                f"are {there:,}{where}{lower}"
            )


def is_exhausted(error: BaseException) -> bool:
    """Returns whether an error says that there is no more memory."""
    names = {cls.__name__ for cls in type(error).__mro__}
    if isinstance(error, MemoryError) or "ResourceExhaustedError" in names:
        return True
    is_own = isinstance(error, (checks.InputError, OSError))
    return not is_own and any(sign in str(error) for sign in _SIGNS)


def told(error: BaseException, settings: Iterable[str] = ()) -> OutOfMemory:
    """Returns the one-line error for one that says that there is no more memory.

    Args:
        error: That error.
        settings: Names of the settings that would ask for less.
    """
    first = str(error).strip().partition("\n")[0]
    reason = f" ({first[:200]})" if first else ""
    lower = f": lower {_named(settings)}" if settings else ""
    return OutOfMemory(
        f"there is not enough memory, {available_memory():,} bytes now{lower}{reason}"
    )


@contextlib.contextmanager
def lowered_by(*settings: str) -> Iterator[None]:
    """Within the block, no more memory is one line that names the settings to lower.

    Raises:
        OutOfMemory: In place of what Python, NumPy or TensorFlow raise.
    """
    try:
        yield
    except Exception as error:
        if is_exhausted(error):
            raise told(error, settings) from error
        raise


def size(shape: Iterable[int], itemsize: int = 4) -> int:
    """Returns the bytes of an array, of float32 unless `itemsize` is another."""
    return math.prod(shape) * itemsize


def _named(settings: Iterable[str]) -> str:
    return " or ".join(f"`{name}`" for name in settings)


def _mem_available() -> int:
    for line in _lines("/proc/meminfo"):
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return int(value.split()[0]) * 1024
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _cgroup_limits() -> Iterator[int]:
    """Yields the limits of the groups of this process and of those above them."""
    for line in _lines("/proc/self/cgroup"):
        _, controllers, place = line.split(":", 2)
        if controllers == "":
            root, name = _CGROUPS, "memory.max"
        elif "memory" in controllers.split(","):
            root, name = _CGROUPS / "memory", "memory.limit_in_bytes"
        else:
            continue
        group = pathlib.PurePosixPath(place.lstrip("/"))
        for each in (group, *group.parents):
            # In a container the group of the host is not to be seen.
            with contextlib.suppress(OSError, ValueError):
                yield int((root / each / name).read_text())


def _lines(path: str) -> list[str]:
    try:
        return pathlib.Path(path).read_text().splitlines()
    except OSError:  # another system than Linux
        return []
