"""What the workers of a strategy tell each other; with one there is nothing to tell.

All that is here is done by all workers, in the same order: each waits for the others.
"""

import contextlib
from collections.abc import Iterator, Mapping

import numpy as np
import tensorflow as tf

from ebm_tf.sampling.replay import Replicas
from ebm_tf.training.errors import WorkerLost

# What a worker is told when another is gone, or the connection to it.
_LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
)
# Collectives do not know the numbers that buffers hold.
_SENT_AS = {np.dtype(np.uint8): np.int32}


class Workers:
    """This worker among those of a strategy.

    Args:
        strategy: Which devices train.

    Attributes:
        replicas: Which of the replicas are this worker's.
        is_chief: Whether it is the one that writes; the only worker always is.
    """

    def __init__(self, strategy: tf.distribute.Strategy):
        self._strategy = strategy
        numbers = self._each_replica(lambda number: number)
        local = strategy.experimental_local_results(numbers)
        self.replicas = Replicas(
            devices=tuple(strategy.extended.worker_devices),
            first=int(local[0]),
            total=strategy.num_replicas_in_sync,
        )
        self.is_chief = self.replicas.first == 0
        self._is_alone = len(local) == self.replicas.total
        # Compiled: TensorFlow would make a new graph of each call.
        self._sum = tf.function(self._reduce, autograph=False)
        self._join = tf.function(self._concatenate, autograph=False)

    def _each_replica(self, value_of):
        """Returns `value_of(number)` of each of this worker's replicas, distributed."""
        return self._strategy.experimental_distribute_values_from_function(
            lambda context: tf.constant(value_of(context.replica_id_in_sync_group))
        )

    def _reduce(self, values):
        return self._strategy.reduce("SUM", values, axis=None)

    def _concatenate(self, values):
        return self._strategy.gather(values, axis=0)

    def total(self, number: int) -> int:
        """Returns the sum of the numbers that the workers give."""
        if self._is_alone:
            return number
        first = self.replicas.first
        values = self._each_replica(lambda r: np.int64(number if r == first else 0))
        return int(self._sum(values))

    def wait(self) -> None:
        """Returns when every worker has come here."""
        self.total(0)

    def leave(self) -> None:
        """Like `wait`, before this process may end.

        The first call may come back here while another worker still fetches its
        result from this one. Who is in the second has that of the first, and need
        not care if the others are gone.
        """
        self.wait()
        with contextlib.suppress(*_LOST):
            self.wait()

    def from_chief(self, number: int) -> int:
        """Returns the chief's number; those of the others do not count."""
        return self.total(number if self.is_chief else 0)

    def gather_parts(
        self, parts: Mapping[str, Mapping[str, tf.Variable]]
    ) -> dict[str, dict[str, np.ndarray]]:
        """Returns the parts of all replicas of what each has a part of its own.

        Args:
            parts: This worker's, by the number of the replica and by name.
        """
        held = {
            number: {name: variable.numpy() for name, variable in part.items()}
            for number, part in parts.items()
        }
        if self._is_alone:
            return held
        names = held[str(self.replicas.first)]
        gathered: dict[str, dict] = {str(r): {} for r in range(self.replicas.total)}
        for name in names:
            arrays = self._gather({r: part[name] for r, part in held.items()})
            for replica, array in enumerate(arrays):
                gathered[str(replica)][name] = array
        return gathered

    def _gather(self, held: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """Returns the arrays of all replicas, given this worker's by their numbers.

        Collectives join what is of one shape: shorter arrays are filled up on the way.
        """
        one = held[str(self.replicas.first)]
        sent_as = _SENT_AS.get(one.dtype, one.dtype)
        sizes = self._each_replica(lambda r: np.int32([held[str(r)].size]))
        sizes = self._join(sizes).numpy()

        def filled(r):
            values = held[str(r)].reshape(-1).astype(sent_as)
            return np.pad(values, (0, sizes.max() - values.size))[None]

        rows = self._join(self._each_replica(filled)).numpy().astype(one.dtype)
        shape = (-1, *one.shape[1:]) if one.ndim else ()
        return [row[:size].reshape(shape) for row, size in zip(rows, sizes)]


@contextlib.contextmanager
def loss_is_told() -> Iterator[None]:
    """Within the block an error that says another worker is gone is `WorkerLost`."""
    try:
        yield
    except _LOST as error:
        raise WorkerLost(
            "a worker is gone, or the connection to it; start all workers again, each "
            "with its command, to go on from the newest checkpoint"
        ) from error
