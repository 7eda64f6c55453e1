"""A folder of arrays: train, test and labels, and the state space they are of.

    train.npy  test.npy  train_labels.npy  test_labels.npy      all but train optional
    data.npz                                 or these, by the same names, in one file
    space.json                               {"low": 0, "high": 1} or {"open": true}

uint8 are levels: 256 of [0, 1] unless space.json says otherwise ("low", "high",
"num_levels"). Floats are what space.json says; without it those within [0, 1] are of
that box, and any others of an open space (its "mean" and "std" are those of train,
by the last axis, unless space.json gives them). uint8 [n, H, W] are gray images.
Labels are whole numbers, classes from 0, or floats [n, K] within [0, 1].
"""

import logging
import os
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ebm_tf import checks, json_files
from ebm_tf.data import array_files, files, in_memory
from ebm_tf.data.types import CHUNK_SIZE, LEVELS, UNIT_FLOATS, Found, Split

_LOG = logging.getLogger(__name__)
_NAMES = ("train", "test", "train_labels", "test_labels")
_NPZ, _NOTE = "data.npz", "space.json"
FILES = f"train.npy (and test.npy, train_labels.npy, test_labels.npy), or {_NPZ}"
_TEST_SHARE = 0.1
_MAX_CLASSES = 100_000


class _Array(NamedTuple):
    """An array and what messages call it."""

    label: str
    values: np.ndarray


class _Range(NamedTuple):
    """Of numbers: least, greatest; mean and std by the last axis."""

    low: float
    high: float
    mean: np.ndarray
    std: np.ndarray


def read(data_dir: str) -> Found:
    """Returns the arrays in a folder.

    Args:
        data_dir: The folder, see above. Without a test set a tenth of the rows is
            held out, always the same.

    Raises:
        FileNotFoundError: If there is no `train`.
        ValueError: If an array is not what it must be, or they do not go together.
    """
    arrays, paths = _found(data_dir)
    train, test = _images(arrays["train"]), _images(arrays.get("test"))
    _require_alike(train, test)
    space = _space(data_dir, train, test)
    labels = {name: _labels(arrays, name, array) for name, array in _parts(train, test)}
    class_names, label_names = _names(arrays, labels)
    splits = {
        name: in_memory.split(array.values, labels[name])
        for name, array in _parts(train, test)
    }
    origin = f"Arrays in {os.path.abspath(data_dir)}"
    if test is None:
        splits = _held_out(splits["train"])
        origin += ", a tenth of them held out as test by a fixed seed"
    return Found(
        splits=splits,
        paths=[],
        origin=origin,
        class_names=class_names,
        label_names=label_names,
        shape=train.values.shape[1:],
        space=space,
        checksums={os.path.basename(path): files.sha256(path) for path in paths},
    )


def _parts(train, test) -> list[tuple[str, _Array]]:
    return [("train", train)] + ([] if test is None else [("test", test)])


def _found(data_dir) -> tuple[dict[str, _Array], list[str]]:
    """Returns the arrays by name, and the files."""
    single = {name: os.path.join(data_dir, f"{name}.npy") for name in _NAMES}
    paths = [path for path in single.values() if os.path.exists(path)]
    npz, note = (os.path.join(data_dir, name) for name in (_NPZ, _NOTE))
    notes = [note] if os.path.exists(note) else []
    if os.path.exists(npz):
        if paths:
            files.refuse(data_dir, f"hold {_NPZ} or .npy files, not both", paths[0])
        read_arrays = array_files.read_npz(npz)
        unknown = sorted(set(read_arrays) - set(_NAMES))
        if unknown or "train" not in read_arrays:
            rule = f"hold train, and of {', '.join(_NAMES[1:])} what there is"
            files.refuse(npz, rule, ", ".join(sorted(read_arrays)))
        arrays = {n: _Array(f"{npz}:{n}", a) for n, a in read_arrays.items()}
        return arrays, [npz, *notes]
    if not os.path.exists(single["train"]):
        raise checks.MissingFileError(f"The file does not exist: {single['train']}")
    arrays = {
        name: _Array(path, array_files.open_npy(path))
        for name, path in single.items()
        if path in paths
    }
    return arrays, [*paths, *notes]


def _images(array: _Array | None) -> _Array | None:
    """Returns states in their shape: gray images get an axis of one channel."""
    if array is None:
        return None
    values = array.values
    array_files.require_numbers(array.label, values)
    if values.dtype == np.uint8:
        return _Array(array.label, values[..., None]) if values.ndim == 3 else array
    if values.dtype != np.float32:
        _LOG.warning("arrays: %s: %s becomes float32", array.label, values.dtype)
    if values.ndim == 3:
        rows, columns = values.shape[1:]
        text = "arrays: %s: sequences of %d moments of %d numbers; gray images are "
        text += "[n, H, W, 1], or uint8"
        _LOG.warning(text, array.label, rows, columns)
    return array


def _require_alike(train, test) -> None:
    if test is None:
        return
    kinds = [
        ("levels" if each.values.dtype == np.uint8 else "floats", each.values.shape[1:])
        for each in (train, test)
    ]
    if kinds[0] != kinds[1]:
        rule = "hold {} of shape {}, as train".format(*kinds[0])
        files.refuse(test.label, rule, "{} of shape {}".format(*kinds[1]))


def _space(data_dir, train, test) -> Mapping:
    """Returns the state space, all states of which were looked at."""
    note = os.path.join(data_dir, _NOTE)
    declared = _declared(note)
    if declared:
        _require_space_of(note, declared, train.values)
    if train.values.dtype == np.uint8:
        space = LEVELS | declared
        for _, array in _parts(train, test):
            _scan(array, 0, space["num_levels"] - 1)
        return space
    low, high = declared.get("low", -np.inf), declared.get("high", np.inf)
    ranges = [_scan(array, low, high) for _, array in _parts(train, test)]
    if declared.get("kind") == "box":
        return UNIT_FLOATS | declared
    if not declared:
        if min(r.low for r in ranges) >= 0 and max(r.high for r in ranges) <= 1:
            return UNIT_FLOATS
        text = "arrays: floats outside [0, 1] and no %s: an open space, with the mean "
        text += "and the std of train"
        _LOG.warning(text, _NOTE)
    found = {"mean": ranges[0].mean.tolist(), "std": ranges[0].std.tolist()}
    shape = train.values.shape[1:]
    return _valid(note, {"kind": "open"} | found | declared, shape)


def _declared(path) -> dict:
    """Returns what space.json says, with its kind; nothing if there is none."""
    if not os.path.exists(path):
        return {}
    said = json_files.read_json(path)
    kinds = {"box": {"low", "high", "num_levels"}, "open": {"open", "mean", "std"}}
    kind = "open" if said.get("open") is True else "box"
    least = {"open"} if kind == "open" else {"low", "high"}
    if not least <= set(said) <= kinds[kind]:
        files.refuse(path, 'be {"low": 0, "high": 1} or {"open": true}', said)
    return {"kind": kind} | {n: v for n, v in said.items() if n != "open"}


def _require_space_of(note, declared: Mapping, values: np.ndarray) -> None:
    """Raises unless space.json declares a space that such an array can be of.

    Its values are not looked at: bounds that are none must not be blamed on them.
    """
    is_open, is_levels = declared["kind"] == "open", values.dtype == np.uint8
    levels = declared.get("num_levels")
    if is_levels and is_open:
        rule = "declare a box: uint8 are its levels; convert them for an open space"
        files.refuse(note, rule, "open")
    if is_levels and "num_levels" in declared and levels is None:
        rule = "leave out num_levels, or give 2 to 256, where arrays hold uint8"
        files.refuse(note, rule, "null")
    if not is_levels and levels is not None:
        rule = "leave out num_levels where arrays hold floats; uint8 are levels"
        files.refuse(note, rule, levels)
    least = LEVELS if is_levels else UNIT_FLOATS
    if is_open:
        least = {"mean": 0.0, "std": 1.0}
    _valid(note, least | declared, values.shape[1:])


def _valid(note, space: Mapping, shape: tuple[int, ...]) -> Mapping:
    """Returns a space, if it is one that states of this shape can lie in."""
    from ebm_tf import box  # Not at the top: it brings TensorFlow.

    try:
        found = box.from_dict(space)
        found.require_shape(shape)
    except checks.InputError as error:
        files.refuse(note, "declare a state space", error)
    return found.to_dict()


def _scan(array: _Array, low: float, high: float) -> _Range:
    """Returns the range of an array, after a look at every number as float32."""
    num, total, squares = 0, 0.0, 0.0
    least, greatest = np.inf, -np.inf
    for start in range(0, len(array.values), CHUNK_SIZE):
        with np.errstate(over="ignore"):
            some = np.asarray(array.values[start : start + CHUNK_SIZE], np.float32)
        array_files.require_within(array.label, some, start, low, high)
        rows = some.reshape(-1, some.shape[-1]).astype(np.float64)
        if start == 0:
            center = rows.mean(axis=0)  # of the squares, so that they lose no digits
        num, total = num + len(rows), total + (rows - center).sum(axis=0)
        squares = squares + np.square(rows - center).sum(axis=0)
        least = min(least, float(rows.min()))
        greatest = max(greatest, float(rows.max()))
    shift = total / num
    std = np.sqrt(np.maximum(squares / num - np.square(shift), 0.0))
    mean = center + shift
    return _Range(least, greatest, mean, in_memory.width(mean, std))


def _labels(arrays, name: str, states: _Array) -> np.ndarray | None:
    """Returns the labels of a split: int32 `[N]`, float32 `[N, K]`, or None."""
    other = {"train": "test", "test": "train"}[name]
    found = arrays.get(f"{name}_labels")
    if found is None:
        if f"{other}_labels" in arrays and "test" in arrays:
            label = arrays[f"{other}_labels"].label
            files.refuse(label, f"come with {name}_labels", "none")
        return None
    label, values = found
    if len(values) != len(states.values):
        rule = f"hold a label for each of the {len(states.values)} rows of {name}"
        files.refuse(label, rule, f"{len(values)} labels")
    if values.ndim == 1 and values.dtype.kind in "iu":
        files.require_condition(label, values, _MAX_CLASSES, 0)
        return values.astype(np.int32)
    if values.ndim != 2 or values.dtype.kind != "f" or not values.shape[1]:
        rule = "hold whole numbers [n], classes from 0, or floats [n, K] within [0, 1]"
        files.refuse(label, rule, f"{values.dtype}{values.shape}")
    values = values.astype(np.float32)
    array_files.require_within(label, values, 0, 0.0, 1.0)
    return values


def _names(arrays, labels) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """Returns names of the classes, and of the numbers of a label."""
    train, test = labels["train"], labels.get("test")
    if train is None:
        return None, ()
    if train.ndim == 2:
        if test is not None and test.shape[1:] != train.shape[1:]:
            rule = f"hold {train.shape[1]} numbers a row, as train_labels"
            files.refuse(arrays["test_labels"].label, rule, test.shape)
        return None, tuple(f"label_{index}" for index in range(train.shape[1]))
    num_classes = int(train.max()) + 1
    if test is not None:
        label = arrays["test_labels"].label
        if test.ndim != 1:
            files.refuse(label, "hold classes, as train_labels", test.shape)
        files.require_condition(label, test, num_classes, 0)
    return tuple(map(str, range(num_classes))), ()


def _held_out(whole: Split) -> dict[str, Split]:
    from ebm_tf.data import splits  # Not at the top: it brings TensorFlow.

    count = max(round(_TEST_SHARE * whole.num_examples), 1)
    train, test = splits.hold_out(whole, count, seed=0)
    return {"train": train, "test": test}
