"""Trajectories: sequences of states and actions, as a simulator gave them.

A folder holds train.npy and test.npy, float32 [n, T, D], and recording.json, which
names the D numbers of a moment and says how they were made; `record` makes it. What
is read is scaled: each number's least value in train becomes 0, its greatest 1, and
test is clipped to that range.
"""

import dataclasses
import json
import os
from collections.abc import Iterator

import numpy as np

from ebm_tf import checks, json_files, settings
from ebm_tf.data import array_files, files
from ebm_tf.data.types import CHUNK_SIZE, Chunk, Found, Split
from ebm_tf.files import write_array

_NOTE = "recording.json"


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Note:
    """What recording.json must say, and may."""

    names: tuple[str, ...]
    environment: str = "A recording"


# Of one action in the next: controls are smooth, over some 10 steps.
_MEMORY = 0.9
_MAX_TRIES = 10


def record(environment, num: int, num_steps: int, seed: int) -> np.ndarray:
    """Runs a simulator under smooth random controls.

    A control is an autoregressive process of standard deviation half its bound,
    clipped to its bounds.

    Args:
        environment: Anything with gymnasium's `reset(seed=)`, `step(action)` and
            `action_space.low`, `.high`.
        num: Trajectories.
        num_steps: T, moments of each; an episode that ends before starts anew.
        seed: Decides controls and starts.

    Returns:
        float32 `[num, num_steps, D]`: what is observed, then the action taken.

    Raises:
        ValueError: If most episodes end before `num_steps`.
    """
    draw = np.random.default_rng(seed)
    low = np.asarray(environment.action_space.low, np.float64)
    high = np.asarray(environment.action_space.high, np.float64)
    rows = []
    for _ in range(_MAX_TRIES * num):
        if len(rows) == num:
            break
        observed, _ = environment.reset(seed=int(draw.integers(2**31)))
        control = draw.standard_normal(low.shape)
        moments = []
        for _ in range(num_steps):
            action = np.clip((low + high) / 2 + control * (high - low) / 4, low, high)
            moments.append(np.concatenate([np.ravel(observed), action]))
            observed, _, ended, _, _ = environment.step(action.astype(np.float32))
            if ended:
                break
            fresh = draw.standard_normal(low.shape)
            control = _MEMORY * control + np.sqrt(1.0 - _MEMORY**2) * fresh
        if len(moments) == num_steps:
            rows.append(moments)
    checks.require(
        len(rows) == num, "num_steps", "that an episode lasts, most times", num_steps
    )
    return np.asarray(rows, np.float32)


def windows(trajectories: np.ndarray, length: int) -> np.ndarray:
    """Cuts trajectories into pieces, one after another; what is left over is dropped.

    Args:
        trajectories: `[n, T, D]`.
        length: Moments of a piece, at most T.

    Returns:
        `[n * (T // length), length, D]`, those of a trajectory one after another.
    """
    num, num_steps, width = trajectories.shape
    checks.require_count("length", length, high=num_steps)
    each = num_steps // length
    whole = trajectories[:, : each * length]
    return np.ascontiguousarray(whole).reshape(num * each, length, width)


def write(folder: str, train: np.ndarray, test: np.ndarray, note: dict) -> None:
    """Writes a recording into `folder`, made if missing.

    Args:
        folder: Where.
        train: float32 `[n, T, D]`.
        test: Likewise.
        note: JSON values; "names" has one for each of the D numbers.
    """
    os.makedirs(folder, exist_ok=True)
    write_array(os.path.join(folder, "train.npy"), train)
    write_array(os.path.join(folder, "test.npy"), test)
    with open(os.path.join(folder, _NOTE), "w", encoding="utf-8") as stream:
        json.dump(note, stream, indent=2)


def read(data_dir: str) -> Found:
    """Returns the trajectories in a folder, scaled to [0, 1].

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If one is damaged, not finite, or they do not go together.
    """
    paths = [os.path.join(data_dir, name) for name in ("train.npy", "test.npy", _NOTE)]
    train, test = map(_opened, paths[:2])
    if train.shape[1:] != test.shape[1:]:
        files.refuse(paths[1], f"hold {train.shape[1:]} as train", test.shape[1:])
    note = _read_note(paths[2])
    names = list(note.names)
    if len(names) != train.shape[2]:
        files.refuse(paths[2], f"have {train.shape[2]} names", len(names))
    low, high = _range(train, paths[0])
    _range(test, paths[1])

    def split(array) -> Split:
        def chunks() -> Iterator[Chunk]:
            for start in range(0, len(array), CHUNK_SIZE):
                some = np.asarray(array[start : start + CHUNK_SIZE], np.float64)
                width = np.where(high > low, high - low, 1.0)
                scaled = np.clip((some - low) / width, 0.0, 1.0)
                yield scaled.astype(np.float32), np.zeros(len(some), np.int32)

        return Split(num_examples=len(array), chunks=chunks)

    origin = f"{note.environment} in {os.path.abspath(data_dir)}"
    return Found(
        splits={"train": split(train), "test": split(test)},
        paths=paths,
        origin=origin,
        shape=tuple(train.shape[1:]),
        normalization={
            "names": names,
            "low": low.tolist(),
            "high": high.tolist(),
        },
    )


def _opened(path) -> np.ndarray:
    array = array_files.open_npy(path)
    if array.dtype != np.float32 or array.ndim != 3 or not array.size:
        rule = "hold float32 [n, T, D], at least one"
        files.refuse(path, rule, f"{array.dtype}{array.shape}")
    return array


def _range(array, path) -> tuple[np.ndarray, np.ndarray]:
    low = np.full(array.shape[2], np.inf)
    high = -low
    for start in range(0, len(array), CHUNK_SIZE):
        some = np.asarray(array[start : start + CHUNK_SIZE], np.float64)
        if not np.isfinite(some).all():
            files.refuse(path, "hold finite numbers", "infinity or NaN")
        low = np.minimum(low, some.min(axis=(0, 1)))
        high = np.maximum(high, some.max(axis=(0, 1)))
    return low, high


def _read_note(path) -> _Note:
    note = json_files.read_json(path)
    known = {field.name for field in dataclasses.fields(_Note)}
    # What else whoever recorded had to say is not ours to read.
    read = {name: value for name, value in note.items() if name in known}
    return settings.from_dict_of(path, _Note, read)
