"""One thread that runs the model, and the requests that wait for it.

Requests for `draw` of the same number of steps are put together, as many images as one
batch holds, which is always of one shape: an image is the same whatever it is put
together with. Other requests are run one by one, in the order they came.
"""

import asyncio
import collections
import dataclasses
import threading
from collections.abc import Mapping

import numpy as np
import prometheus_client

from ebm_tf import checks

from .signatures import BATCHED, SEEDS, Signature

WAITING = prometheus_client.Gauge("ebm_waiting_requests", "Requests that wait.")
ROWS = prometheus_client.Histogram(
    "ebm_batch_images",
    "Images of requests in a batch of `draw`, without those that fill it up.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256),
)


class Busy(Exception):
    """There is no room for another request; its text is one sentence."""


@dataclasses.dataclass(eq=False)
class _Job:
    """A request that waits.

    Attributes:
        signature: What is asked.
        arrays: Its inputs.
        future: Where the answer goes; cancelled by who waits no longer.
        taken: Images of a `draw` that are in a batch, or done.
        parts: Outputs of the batches so far.
    """

    signature: Signature
    arrays: Mapping[str, np.ndarray]
    future: asyncio.Future
    taken: int = 0
    parts: list[dict] = dataclasses.field(default_factory=list)

    @property
    def num(self) -> int:
        """Images that a `draw` asks for."""
        return len(self.arrays[SEEDS])

    @property
    def num_steps(self) -> int | None:
        """Steps of a `draw`, which all images of a batch share; None for others."""
        if self.signature.name != BATCHED:
            return None
        return int(self.arrays["num_steps"])

    def rows(self, start: int, stop: int) -> dict[str, np.ndarray]:
        """Returns the inputs of some images."""
        return {
            name: array if array.ndim == 0 else array[start:stop]
            for name, array in self.arrays.items()
        }


@dataclasses.dataclass
class _Piece:
    job: _Job
    start: int
    stop: int

    def rows(self) -> dict[str, np.ndarray]:
        return self.job.rows(self.start, self.stop)


class Worker:
    """The thread and its queue.

    Args:
        signatures: What it may be asked, by name.
        batch_size: Images of a batch of `draw`.
        max_queue: Requests that may wait.
    """

    def __init__(
        self, signatures: Mapping[str, Signature], batch_size: int, max_queue: int
    ):
        self._signatures = signatures
        self._batch_size, self._max_queue = batch_size, max_queue
        self._jobs: collections.deque[_Job] = collections.deque()
        self._changed = threading.Condition()
        self._ends = False
        self._thread = threading.Thread(target=self._work, name="model")

    def start(self) -> None:
        """Runs each signature once, as first calls are slow, then takes requests."""
        for signature in self._signatures.values():
            num = self._batch_size if signature.name == BATCHED else 1
            try:
                signature(signature.smallest(num))
            except checks.InvalidValueError:
                pass  # ones are not in every state space
        self._thread.start()

    def close(self) -> None:
        """Ends the thread after what it runs now; what waits is not answered."""
        with self._changed:
            self._ends = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()

    async def ask(
        self, signature: Signature, arrays: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """Returns the outputs, when it is this request's turn.

        Raises:
            Busy: If too many wait already.
            ValueError: If the graph refuses the request.
        """
        job = _Job(signature, arrays, asyncio.get_running_loop().create_future())
        with self._changed:
            if len(self._jobs) >= self._max_queue:
                raise Busy(f"{self._max_queue} requests wait already: ask again later")
            self._jobs.append(job)
            WAITING.set(len(self._jobs))
            self._changed.notify()
        return await job.future

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._jobs or self._ends)
                if self._ends:
                    return
                pieces = self._next()
            if pieces:
                self._run(pieces)

    def _next(self) -> list[_Piece]:
        """Returns what is run now, and takes it off the queue."""
        for job in [job for job in self._jobs if job.future.done()]:
            self._jobs.remove(job)  # nobody waits for it
        pieces, room = [], self._batch_size
        if self._jobs and self._jobs[0].num_steps is None:
            job = self._jobs.popleft()
            pieces = [_Piece(job, 0, 0)]
        elif self._jobs:
            num_steps = self._jobs[0].num_steps
            for job in [job for job in self._jobs if job.num_steps == num_steps]:
                stop = min(job.num, job.taken + room)
                if stop > job.taken:
                    pieces.append(_Piece(job, job.taken, stop))
                    room -= stop - job.taken
                    job.taken = stop
                if job.taken == job.num:
                    self._jobs.remove(job)
        WAITING.set(len(self._jobs))
        return pieces

    def _run(self, pieces: list[_Piece]) -> None:
        first = pieces[0].job
        try:
            if first.num_steps is None:
                _answer(first, first.signature(first.arrays))
                return
            outputs = self._draw(pieces)
        except Exception as error:
            if len(pieces) == 1:
                padded = first.num_steps is not None
                _refuse(first, _own_error(pieces[0], error) if padded else error)
                return
            for piece in pieces:  # one of them is bad: the others are none the worse
                self._run([piece])
            return
        start = 0
        for piece in pieces:
            num = piece.stop - piece.start
            _add(piece.job, {n: v[start : start + num] for n, v in outputs.items()})
            start += num

    def _draw(self, pieces: list[_Piece]) -> dict[str, np.ndarray]:
        """Returns the outputs of a batch, which is filled up by its last image."""
        rows = [piece.rows() for piece in pieces]
        num = sum(piece.stop - piece.start for piece in pieces)
        missing, arrays = self._batch_size - num, {}
        for name, array in rows[0].items():
            if array.ndim == 0:
                arrays[name] = array
                continue
            own = [part[name] for part in rows]
            arrays[name] = np.concatenate([*own, own[-1][-1:].repeat(missing, axis=0)])
        outputs = pieces[0].job.signature(arrays)
        ROWS.observe(num)
        return outputs


def _own_error(piece: _Piece, error: Exception) -> Exception:
    """Returns the error of a piece without what filled its batch up."""
    try:
        piece.job.signature(piece.rows())
    except checks.InvalidValueError as own:
        return own
    return error


def _add(job: _Job, outputs: dict[str, np.ndarray]) -> None:
    job.parts.append(outputs)
    if sum(len(next(iter(part.values()))) for part in job.parts) == job.num:
        names = outputs.keys()
        whole = {n: np.concatenate([part[n] for part in job.parts]) for n in names}
        _answer(job, whole)


def _answer(job: _Job, outputs: dict[str, np.ndarray]) -> None:
    _settle(job.future, lambda: job.future.set_result(outputs))


def _refuse(job: _Job, error: Exception) -> None:
    _settle(job.future, lambda: job.future.set_exception(error))


def _settle(future: asyncio.Future, settle) -> None:
    """Calls `settle` where the future lives, if somebody waits there still."""

    def settle_once():
        if not future.done():
            settle()

    try:
        future.get_loop().call_soon_threadsafe(settle_once)
    except RuntimeError:
        pass  # the loop is closed: the server has ended
