"""Examples in memory, and batches of a `tf.data.Dataset`, for notebooks.

trainer.fit(batches.batches(arrays.examples_of(x), seed=0, batch_size=64))
trainer.fit(arrays.batches_of(dataset, batch_size=64))
"""

from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

from ebm_tf import box, checks, state_checks
from ebm_tf.box import StateSpace
from ebm_tf.data import in_memory
from ebm_tf.data.types import CHUNK_SIZE, Chunk


class ArrayExamples:
    """Examples in memory, with the interface of `ebm_tf.data.shards.Examples`.

    Attributes:
        num_examples: How many there are.
        shape: Of a state, such as `(H, W, C)`.
        dtype: Of states, uint8 or float32.
        labels: int32 [num_examples], or float32 [num_examples, K].
        space: The state space.
    """

    def __init__(self, states: np.ndarray, labels: np.ndarray, space: StateSpace):
        self._states, self.labels, self.space = states, labels, space
        self.num_examples: int = len(states)
        self.shape: tuple[int, ...] = states.shape[1:]
        self.dtype = states.dtype

    def gather(self, indices: np.ndarray) -> Chunk:
        """Returns the examples at `indices`, in that order; repeats are fine.

        Args:
            indices: Whole numbers [B], in `[0, num_examples)`.

        Raises:
            ValueError: If an index is out of range.
        """
        indices = np.asarray(indices)
        if indices.size and not 0 <= indices.min() <= indices.max() < self.num_examples:
            checks.require(False, "indices", f"in [0, {self.num_examples})", indices)
        return self._states[indices], self.labels[indices]

    def chunks(self, chunk_size: int = CHUNK_SIZE) -> Iterator[Chunk]:
        """Returns an iterator over all examples in order, `chunk_size` at a time."""
        for start in range(0, self.num_examples, chunk_size):
            stop = min(start + chunk_size, self.num_examples)
            yield self.gather(np.arange(start, stop))


def examples_of(x, labels=None, space: StateSpace | None = None) -> ArrayExamples:
    """Returns arrays as examples.

    Args:
        x: States, `[N, ...]`, N >= 1: uint8 levels, or floats, which become float32.
        labels: Classes, whole numbers `[N]`, or numbers, floats `[N, K]` within
            [0, 1]; None without.
        space: The state space. None means, for uint8, 256 levels of [0, 1]; for
            floats, the box [0, 1] where all lie within it, else an open space with
            their mean and std by the last axis.

    Raises:
        TypeError: If a dtype is not the one that `space` stores.
        ValueError: If a shape is wrong or not one of `space`, a number is not finite
            or outside of `space`, or a label is none.
    """
    x = np.asarray(x)
    holds = x.dtype == np.uint8 or x.dtype.kind == "f"
    if not holds:
        raise checks.InvalidTypeError(
            f"`x` must be uint8 or floats. Received: {x.dtype}"
        )
    checks.require(x.ndim >= 2 and x.size > 0, "x", "of shape [N, ...]", x.shape)
    if x.dtype != np.uint8:
        with np.errstate(over="ignore"):
            x = x.astype(np.float32)
        state_checks.require_finite(x, "x")
    space = space or _space_of(x)
    state_checks.require_stored(space, x, "x")
    return ArrayExamples(x, _labels_of(labels, len(x)), space)


def _space_of(x: np.ndarray) -> StateSpace:
    if x.dtype == np.uint8:
        return box.PIXELS
    if x.min() >= 0.0 and x.max() <= 1.0:
        return box.UNIT
    rows = x.reshape(-1, x.shape[-1]).astype(np.float64)
    mean = rows.mean(axis=0)
    std = in_memory.width(mean, rows.std(axis=0))
    return box.OpenSpace(mean=tuple(mean.tolist()), std=tuple(std.tolist()))


def _labels_of(labels, num: int) -> np.ndarray:
    if labels is None:
        return np.zeros(num, np.int32)
    labels = np.asarray(labels)
    checks.require(
        labels.ndim in (1, 2) and len(labels) == num, "labels", f"{num}", labels.shape
    )
    if labels.ndim == 1 and labels.dtype.kind in "iu":
        checks.require(labels.min() >= 0, "labels", "at least 0", int(labels.min()))
        return labels.astype(np.int32)
    holds = labels.ndim == 2 and labels.dtype.kind == "f"
    holds = holds and bool(np.all((labels >= 0) & (labels <= 1)))
    rule = "whole numbers [N], or floats [N, K] within [0, 1]"
    checks.require(holds, "labels", rule, f"{labels.dtype}{labels.shape}")
    return labels.astype(np.float32)


def batches_of(
    dataset: tf.data.Dataset, batch_size: int, space: StateSpace | None = None
) -> Callable[[int, int], tf.data.Dataset]:
    """Returns the batches of a dataset, as `Trainer.fit` takes them.

    The order is the dataset's, from its beginning again when it ends; it should be
    the same in every run, or two runs of one seed differ. A run that goes on reads
    and skips what it has seen, which takes time where reading does.

    The first batch is read here, once more than for training, and checked; `Trainer`
    checks all.

    Args:
        dataset: Of states, or of pairs of a state and its label; not batched. Fewer
            than B come again within a batch.
        batch_size: B, examples of one update.
        space: The state space that states must lie in; None to check no more than
            that they are finite.

    Returns:
        `(first, last) -> dataset` of the batches of updates first, ..., last - 1:
        states `[B, ...]` as they are, and labels, zeros where there are none.

    Raises:
        TypeError: If states have another dtype than `space` stores.
        ValueError: If elements are no states, or no pairs, if there are none, or if
            the first batch holds a number that is not finite or outside of `space`.
    """
    checks.require_count("batch_size", batch_size)
    spec = dataset.element_spec
    is_pair = isinstance(spec, tuple)
    rule = "of states of a known shape, or of pairs of a state and its label"
    holds = (is_pair and len(spec) == 2) or isinstance(spec, tf.TensorSpec)
    checks.require(holds, "dataset", rule, spec)
    state = spec[0] if is_pair else spec
    checks.require(state.shape.is_fully_defined(), "dataset", rule, spec)

    def as_pair(state, label=0):
        label = tf.convert_to_tensor(label)
        dtype = tf.float32 if label.dtype.is_floating else tf.int32
        return state, tf.cast(label, dtype)

    batches = dataset.map(as_pair).repeat().batch(batch_size, drop_remainder=True)
    _require_first(batches, space)

    def between(first: int, last: int) -> tf.data.Dataset:
        return batches.skip(first).take(last - first).prefetch(2)

    return between


def _require_first(batches: tf.data.Dataset, space: StateSpace | None) -> None:
    """Raises unless there is a batch, and its states can be trained on."""
    found = [states for states, _ in batches.take(1)]
    checks.require(len(found) > 0, "dataset", "of one element or more", 0)
    states = found[0].numpy()
    if space is not None:
        state_checks.require_stored(space, states, "dataset")
    elif found[0].dtype.is_floating:
        state_checks.require_finite(states, "dataset")
