"""Examples on disk: fixed-size .npy shards with random access.

A folder holds images-00000.npy, labels-00000.npy and so on, every shard but the
last of `shard_size` examples, and index.json, written last, which says how many
there are. The .npy format is plain bytes behind a short header; nothing is pickled.
"""

import collections
import concurrent.futures
import json
import os
from collections.abc import Iterable, Iterator

import numpy as np

from ebm_tf import box, checks, json_files
from ebm_tf.box import StateSpace
from ebm_tf.data import array_files, files
from ebm_tf.data.types import CHUNK_SIZE, Chunk
from ebm_tf.files import write_array

_INDEX = "index.json"
_NUM_WRITERS = 2
# Rows that a shard has room for at first, where nobody says how many will come.
_LEAST_ROWS = 1024
_STATE_DTYPES = (np.uint8, np.float32)
_LABEL_DTYPES = (np.int32, np.float32)
_FIELDS = {"num_examples", "shape", "shard_size"}
_SPACE = "space"  # indices of the old format lack it


def write_split(
    folder: str,
    chunks: Iterable[Chunk],
    shard_size: int,
    num_examples: int | None = None,
    space: StateSpace | None = None,
) -> int:
    """Writes examples as they come; returns how many there were.

    Memory: three shards, whatever the number of examples: one that is filled and two
    that other threads write.

    Args:
        folder: Where to write; made if missing, and must be empty.
        chunks: States and labels, see `ebm_tf.data.types.Chunk`, all alike.
        shard_size: Examples in a shard, > 0.
        num_examples: How many there must be, or None.
        space: The state space; None means images of 256 levels, and other states as
            floats, within [0, 1].

    Raises:
        TypeError: If states are not of the dtype that `space` stores.
        ValueError: If `folder` is not empty, `chunks` has no example, shapes or
            types differ, or the number is not `num_examples`.
    """
    checks.require_count("shard_size", shard_size)
    os.makedirs(folder, exist_ok=True)
    checks.require(not os.listdir(folder), "folder", "empty", folder)
    shape, total = None, 0
    with concurrent.futures.ThreadPoolExecutor(_NUM_WRITERS) as pool:
        writing = collections.deque()
        groups = _regrouped(chunks, shard_size, num_examples)
        for number, (images, labels) in enumerate(groups):
            if len(writing) == _NUM_WRITERS:
                writing.popleft().result()
            writing.append(pool.submit(_write, folder, number, images, labels))
            shape, total = images.shape[1:], total + len(labels)
            if space is not None:
                space.require_stored(images, "chunks")
            del images  # or it would stay while the next shard is filled
        for each in writing:
            each.result()
    if num_examples is not None:
        checks.require(
            total == num_examples, "chunks", f"{num_examples} examples", total
        )
    checks.require(total > 0, "chunks", "at least one example", total)
    index = {"num_examples": total, "shape": list(shape), "shard_size": shard_size}
    if space is not None:
        index[_SPACE] = space.to_dict()
    with open(os.path.join(folder, _INDEX), "w", encoding="utf-8") as stream:
        json.dump(index, stream, indent=2)
    return total


class Examples:
    """Examples that `write_split` wrote, to read in any order.

    Labels, four bytes an example, are held in memory; images stay on disk, and are
    read rather than mapped, so that memory does not grow as a pass goes on.

    Attributes:
        num_examples: How many there are.
        shape: Of a state, such as `(H, W, C)`.
        dtype: Of states, uint8 or float32.
        labels: int32 [num_examples], or float32 [num_examples, K].
        space: The state space.
    """

    def __init__(self, folder: str):
        """Opens the folder and checks every shard's header and length.

        Raises:
            FileNotFoundError: If the folder, its index or a shard does not exist.
            ValueError: If the index or a shard is damaged, or they disagree.
        """
        index = _read_index(folder)
        self.num_examples: int = index["num_examples"]
        self.shape: tuple[int, ...] = tuple(index["shape"])
        self.space: StateSpace = box.of_details(index)
        self._shard_size = index["shard_size"]
        self._shards = []
        labels = []
        for number, start in enumerate(range(0, self.num_examples, self._shard_size)):
            num = min(self._shard_size, self.num_examples - start)
            path = _path(folder, "images", number)
            stored = _open_array(path, _STATE_DTYPES, (num, *self.shape))
            self._shards.append((path, stored.offset))
            self.dtype = stored.dtype
            path = _path(folder, "labels", number)
            stored = _open_array(path, _LABEL_DTYPES, (num, ...))
            labels.append(np.array(stored))
        self.labels: np.ndarray = np.concatenate(labels)

    def gather(self, indices: np.ndarray) -> Chunk:
        """Returns the examples at `indices`, in that order; repeats are fine.

        Args:
            indices: Whole numbers [B], in `[0, num_examples)`.

        Returns:
            States and labels, B of each.

        Raises:
            ValueError: If an index is out of range, or a shard has been cut since.
        """
        indices = np.asarray(indices)
        if indices.size and not 0 <= indices.min() <= indices.max() < self.num_examples:
            checks.require(False, "indices", f"in [0, {self.num_examples})", indices)
        images = np.empty([len(indices), *self.shape], self.dtype)
        shards, rows = np.divmod(indices, self._shard_size)
        for shard in np.unique(shards):
            places = np.flatnonzero(shards == shard)
            self._read(int(shard), rows[places], images, places)
        return images, self.labels[indices]

    def chunks(self, chunk_size: int = CHUNK_SIZE) -> Iterator[Chunk]:
        """Returns an iterator over all examples in order, `chunk_size` at a time."""
        for start in range(0, self.num_examples, chunk_size):
            stop = min(start + chunk_size, self.num_examples)
            yield self.gather(np.arange(start, stop))

    def _read(self, shard, rows, images, places):
        """Reads rows of one shard into `images[places]`, neighbours at once."""
        path, offset = self._shards[shard]
        size = int(np.prod(self.shape)) * self.dtype.itemsize
        is_start = np.diff(rows, prepend=-2) != 1
        is_start |= np.diff(places, prepend=-2) != 1
        starts = np.flatnonzero(is_start)
        stops = np.append(starts[1:], len(rows))
        with files.opened(path) as stream:
            for start, stop in zip(starts, stops, strict=True):
                num, first = int(stop - start), int(places[start])
                out = memoryview(images[first : first + num]).cast("B")
                where = offset + int(rows[start]) * size
                if os.preadv(stream.fileno(), [out], where) < num * size:
                    files.refuse(path, f"hold {rows[start] + num} images", "fewer")


def _regrouped(chunks, shard_size, num_examples):
    """Yields groups of exactly `shard_size` examples; the last may be smaller.

    Memory is taken for what comes, not for `shard_size`, which may be beyond it.
    """
    least = max(num_examples or 0, _LEAST_ROWS)
    images = labels = None
    filled = 0
    first = None
    for some in chunks:
        some_images, some_labels = some
        first = first or (some_images[:0], some_labels[:0])
        _require_chunk(some, first)
        start = 0
        while start < len(some_labels):
            if images is None or filled == len(labels):
                size = min(shard_size, max(2 * filled, least))
                images = _longer(images, first[0], size, filled)
                labels = _longer(labels, first[1], size, filled)
            num = min(len(labels) - filled, len(some_labels) - start)
            images[filled : filled + num] = some_images[start : start + num]
            labels[filled : filled + num] = some_labels[start : start + num]
            filled, start = filled + num, start + num
            if filled == shard_size:
                yield images, labels
                # Not the same arrays again: they may be on their way to the disk.
                images = labels = None
                filled = 0
    if filled:
        yield images[:filled], labels[:filled]


def _longer(array, like, size: int, filled: int) -> np.ndarray:
    """Returns an array of `size` rows that begins with what is in `array` so far."""
    longer = np.empty([size, *like.shape[1:]], like.dtype)
    if filled:
        longer[:filled] = array[:filled]
    return longer


def _write(folder, number, images, labels):
    write_array(_path(folder, "images", number), images)
    write_array(_path(folder, "labels", number), labels)


def _require_chunk(some, first):
    images, labels = some
    got = f"images {images.dtype}{images.shape}, labels {labels.dtype}{labels.shape}"
    known = (np.dtype(np.int32), 1), (np.dtype(np.float32), 2)
    checks.require(
        images.dtype in _STATE_DTYPES
        and (labels.dtype, labels.ndim) in known
        and len(images) == len(labels),
        "chunks",
        "uint8 or float32 [n, ...], and int32 [n] or float32 [n, K]",
        got,
    )
    for part, before in zip(some, first):
        same = (part.dtype, part.shape[1:]) == (before.dtype, before.shape[1:])
        rule = f"all alike: {before.dtype}[n, {', '.join(map(str, before.shape[1:]))}]"
        checks.require(same, "chunks", rule, got)


def _path(folder, kind, number):
    return os.path.join(folder, f"{kind}-{number:05d}.npy")


def _read_index(folder):
    path = os.path.join(folder, _INDEX)
    index = json_files.read_json(path)
    if set(index) - {_SPACE} != _FIELDS:
        files.refuse(path, f"have the fields {', '.join(sorted(_FIELDS))}", index)
    shape = index["shape"]
    sizes = [index["num_examples"], index["shard_size"]]
    sizes += shape if isinstance(shape, list) and shape else [None]
    if not all(type(size) is int and 0 < size < 2**63 for size in sizes):
        files.refuse(path, "hold whole positive numbers", index)
    return index


def _open_array(path, dtypes, shape):
    stored = array_files.open_npy(path)
    if stored.ndim == 0:
        files.refuse(path, "hold rows", "a single number")
    if shape[-1] is ...:
        shape = (*shape[:-1], *stored.shape[1:])
    if stored.dtype not in dtypes or stored.shape != shape:
        names = " or ".join(np.dtype(dtype).name for dtype in dtypes)
        files.refuse(path, f"hold {names} {shape}", f"{stored.dtype}{stored.shape}")
    return stored
