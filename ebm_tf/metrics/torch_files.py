"""Tensors in a file that torch wrote before its version 1.6, read without torch.

Such a file is five pickles, of a magic number, of the version, of the machine, of the
object and of the names of its storages, and then the storages: how many numbers, and
the numbers. A pickle is a program; nothing here runs one. Its instructions are looked
at one by one, and those few are followed that put names, numbers and tensors into a
dict. Whatever else a file asks for, such as to call a function, refuses it.
"""

import io
import math
import os
import pickletools
from typing import NamedTuple

import numpy as np

from ebm_tf import checks, files

MAGIC, VERSION = 0x1950A86A20F9469CFC6C, 1001
_MAX_BYTES = 1 << 28
_TENSOR, _DICT = "torch._utils _rebuild_tensor_v2", "collections OrderedDict"
_STORAGES = {"torch FloatStorage": "<f4", "torch LongStorage": "<i8"}
_CONSTANTS = {
    *("BINUNICODE", "SHORT_BINUNICODE"),
    *("BININT", "BININT1", "BININT2", "LONG1"),
}
_VALUES = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_EMPTY = {"EMPTY_TUPLE": tuple, "EMPTY_LIST": list, "EMPTY_DICT": dict}
_MARK = object()


class _Storage(NamedTuple):
    key: str
    dtype: str


class _Tensor(NamedTuple):
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]  # in numbers


def read_tensors(path: str | os.PathLike, what: str) -> dict[str, np.ndarray]:
    """Returns the tensors of a `state_dict`, by name.

    Args:
        path: Of the file.
        what: What it is, for messages.

    Returns:
        float32 and int64 arrays, in the order of the file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is cut or damaged, holds anything but a dict of tensors, or
            asks for anything to be run.
    """
    content = files.read_bytes(path, _MAX_BYTES)
    try:
        return _tensors(io.BytesIO(content))
    except Exception as error:  # whatever pickletools, struct and NumPy raise
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise checks.InvalidValueError(
            f"{os.fspath(path)} holds no {what} that can be read ({reason[:200]})"
        ) from error


def _tensors(stream: io.BytesIO) -> dict[str, np.ndarray]:
    head = [_unpickled(stream) for _ in range(3)]
    is_old = head[:2] == [MAGIC, VERSION] and head[2]["little_endian"] is True
    _require(is_old, "it does not begin as files of torch before 1.6 do")
    found, keys = _unpickled(stream), _unpickled(stream)
    _require(isinstance(found, dict), "it holds no dict")
    whole = all(isinstance(each, _Tensor) for each in found.values())
    _require(whole, "it holds more than tensors")
    dtypes = dict(each.storage for each in found.values())
    storages = {key: _numbers(stream, dtypes[key]) for key in keys}
    _require(not stream.read(1), "there is more after its last tensor")
    return {str(name): _filled(each, storages) for name, each in found.items()}


def _numbers(stream: io.BytesIO, dtype: str) -> np.ndarray:
    num = int.from_bytes(stream.read(8), "little")
    content = stream.read(num * np.dtype(dtype).itemsize)
    _require(len(content) == num * np.dtype(dtype).itemsize, "it is cut")
    return np.frombuffer(content, dtype)


def _filled(tensor: _Tensor, storages: dict) -> np.ndarray:
    numbers, (_, offset, shape, strides) = storages[tensor.storage.key], tensor
    steps = [(num - 1) * step for num, step in zip(shape, strides, strict=True)]
    least = min(offset, *shape, *strides, 0)
    most = max(offset + sum(steps) + 1, math.prod(shape))
    _require(least >= 0 and most <= len(numbers), "a tensor is beyond its storage")
    width = numbers.itemsize
    found = np.lib.stride_tricks.as_strided(
        numbers[offset:], shape, [width * step for step in strides]
    )
    return found.copy(order="C")


def _require(holds: bool, reason: str) -> None:
    if not holds:
        raise ValueError(reason)


def _unpickled(stream: io.BytesIO):
    """Returns the object that a pickle describes; leaves the stream at its end."""
    stack, memo = [], {}
    for operation, argument, _ in pickletools.genops(stream):
        name = operation.name
        if name == "STOP":
            return stack.pop()
        if name in _CONSTANTS:
            stack.append(argument)
        elif name in _VALUES:
            stack.append(_VALUES[name])
        elif name in _EMPTY:
            stack.append(_EMPTY[name]())
        elif name == "MARK":
            stack.append(_MARK)
        elif name == "GLOBAL":
            _require(
                argument in {_TENSOR, _DICT, *_STORAGES}, f"it asks for {argument}"
            )
            stack.append(argument)
        elif name in ("BINPUT", "LONG_BINPUT"):
            memo[argument] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(memo[argument])
        elif name != "PROTO":
            _follow(name, stack)
    return None


def _follow(name: str, stack: list) -> None:
    """Follows an instruction that takes from the stack."""
    if name in ("TUPLE1", "TUPLE2", "TUPLE3"):
        num = int(name[-1])
        stack[-num:] = [tuple(stack[-num:])]
    elif name == "TUPLE":
        stack.append(tuple(_taken(stack)))
    elif name == "APPEND":
        item = stack.pop()
        stack[-1].append(item)
    elif name == "APPENDS":
        items = _taken(stack)
        stack[-1].extend(items)
    elif name == "SETITEM":
        value, key = stack.pop(), stack.pop()
        stack[-1][key] = value
    elif name == "SETITEMS":
        items = _taken(stack)
        stack[-1].update(zip(items[::2], items[1::2], strict=True))
    elif name == "BINPERSID":
        stack.append(_storage(*stack.pop()))
    elif name == "REDUCE":
        arguments, called = stack.pop(), stack.pop()
        stack.append(_made(called, arguments))
    elif name == "BUILD":
        stack.pop()  # what torch notes about the dict
    else:
        _require(False, f"it asks for {name}")


def _taken(stack: list) -> list:
    """Returns what is above the last mark, and takes it and the mark away."""
    place = len(stack) - 1 - stack[::-1].index(_MARK)
    items = stack[place + 1 :]
    del stack[place:]
    return items


def _storage(word, kind, key, location, num, view) -> _Storage:
    del location, num
    _require(word == "storage" and view is None, "it asks for another storage")
    return _Storage(key, _STORAGES[kind])


def _made(called: str, arguments: tuple):
    if called == _DICT:
        _require(arguments == (), "it asks for a dict of something")
        return {}
    _require(called == _TENSOR, f"it calls {called}")
    return _Tensor(*arguments[:4])
