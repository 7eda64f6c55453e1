"""Work on many chains, batch by batch, each batch done only once."""

import functools
from collections.abc import Callable, MutableMapping

import numpy as np

from ebm_tf import rng
from ebm_tf.types import Seed

# What has been computed, by name: a dict, or something that keeps it on a disk.
Parts = MutableMapping[str, dict[str, np.ndarray]]
Part = dict[str, np.ndarray]


class Batches:
    """Computes named parts, unless they are there.

    Args:
        size: Chains of a batch.
        parts: What was computed before, and what will be.
        report: Called with the number of temperatures of each part that is there.
    """

    def __init__(self, size: int, parts: Parts, report: Callable[[int], None]):
        self._size, self._parts, self._report = size, parts, report

    def sizes(self, num_chains: int) -> list[int]:
        """Returns the sizes of the batches that so many chains run in."""
        starts = range(0, num_chains, self._size)
        return [min(self._size, num_chains - first) for first in starts]

    def once(self, name: str, num_temperatures: int, make: Callable[[], Part]) -> Part:
        """Returns the part `name`, made if it is not there."""
        if name in self._parts:
            self._report(num_temperatures)
        else:
            self._parts[name] = make()
        return self._parts[name]

    def each(
        self,
        name: str,
        num_temperatures: int,
        num_chains: int,
        seed: Seed,
        run: Callable[[slice, Seed], Part],
    ) -> list[Part]:
        """Returns the part of every batch, in order.

        Args:
            name: Of the run.
            num_temperatures: That a batch passes.
            num_chains: In all.
            seed: `int32[2]`.
            run: What computes a batch from its slice of the chains and its seed.
        """
        parts, first = [], 0
        for index, size in enumerate(self.sizes(num_chains)):
            batch, batch_seed = slice(first, first + size), rng.fold_in(seed, index)
            make = functools.partial(run, batch, batch_seed)
            parts.append(self.once(f"{name}-{index}", num_temperatures, make))
            first += size
        return parts
