"""Means of what a run logs, from one point of its curves to the next."""

from collections.abc import Mapping


class Means:
    """Sums up logs until somebody takes their means.

    Args:
        sums: Of values by name, to go on with.
        num: Updates that are in them.

    Attributes:
        sums: Of values by name.
        num: Updates that are in them.
    """

    def __init__(self, sums: Mapping[str, float], num: int):
        self.sums, self.num = dict(sums), num

    def add(self, logs: Mapping) -> None:
        """Adds the logs of an update: its floats; arrays are left out."""
        for name, value in logs.items():
            if isinstance(value, float):
                self.sums[name] = self.sums.get(name, 0.0) + value
        self.num += 1

    def take(self) -> dict[str, float]:
        """Returns the means by name, and begins anew."""
        means = {name: total / self.num for name, total in self.sums.items()}
        self.sums, self.num = {}, 0
        return means
