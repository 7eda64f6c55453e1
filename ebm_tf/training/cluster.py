"""The workers that train together, as TF_CONFIG lists them, without TensorFlow."""

import dataclasses
import json
import os
import re

from ebm_tf import checks

_STRATEGIES = ("auto", "one", "mirrored", "cpu:N", "multi_worker")
_OF_CPUS = re.compile(r"cpu:([1-9][0-9]?)")

_RULE = (
    'the cluster and this process\'s place in it, such as {"cluster": {"worker": '
    '["host1:2222", "host2:2222"]}, "task": {"type": "worker", "index": 0}}'
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Task:
    """What this process is in its cluster.

    Attributes:
        index: Its number over all workers, from 0.
        num_workers: How many there are.
    """

    index: int
    num_workers: int

    @property
    def is_chief(self) -> bool:
        """Whether this is the one that writes."""
        return self.index == 0


def require_strategy(name: str) -> None:
    """Raises `ValueError` unless it is a name that `distribution.make_strategy` takes.

    Whether there are such devices is not looked at.
    """
    if not _OF_CPUS.fullmatch(name):
        checks.require_choice("strategy", name, _STRATEGIES)
        checks.require(name != "cpu:N", "strategy", "cpu: and a number", name)


def num_logical(name: str) -> int:
    """Returns how many logical devices a strategy asks for by its name, else 1."""
    found = _OF_CPUS.fullmatch(name)
    return int(found[1]) if found else 1


def this_task() -> Task:
    """Returns what the environment variable TF_CONFIG makes of this process.

    A task of type "chief" comes before those of type "worker"; without one the first
    worker is the chief.

    Raises:
        ValueError: If it is not set, is no JSON, or says nothing of the kind.
    """
    text = os.environ.get("TF_CONFIG", "")
    try:
        content = json.loads(text)
        jobs, task = content["cluster"], content["task"]
        kind, index = task["type"], task["index"]
        places = [
            (job, number, address)
            for job in ("chief", "worker")
            for number, address in enumerate(jobs.get(job, []))
        ]
        known = set(jobs) <= {"chief", "worker"} and len(jobs.get("chief", [])) <= 1
        addresses = [str(address).rpartition(":") for _, _, address in places]
    except (ValueError, LookupError, TypeError, AttributeError):
        raise _refused(text) from None
    ports = all(host and port.isdigit() for host, _, port in addresses)
    names = [(job, number) for job, number, _ in places]
    if not (known and ports and len(set(addresses)) == len(addresses)):
        raise _refused(text)
    if (kind, index) not in names:
        raise _refused(text)
    return Task(index=names.index((kind, index)), num_workers=len(names))


def _refused(text: str) -> checks.InvalidValueError:
    return checks.InvalidValueError(f"`TF_CONFIG` must be {_RULE}. Received: {text!r}")
