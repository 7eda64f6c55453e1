"""A hash of a SavedModel's graph that the process which wrote it has no part in.

TensorFlow ends the names of functions with the number of things that the process had
made before, and keeps functions in no order. Its own fingerprint leaves out what
functions do.
"""

import hashlib
import re
from collections.abc import Iterator

from tensorflow.core.protobuf import saved_model_pb2

_NUMBER = re.compile(r"_(\d+)$")
# How attributes name a gradient of one's own, and the tensors that it was given.
_NAMED_BY_NUMBER = re.compile(r'(?<=s: ")(?:CustomGradient-)?\d+(?=")')


def graph_hash(path: str) -> str:
    """Returns the sha256 of what the graph computes, 64 hexadecimal digits.

    Args:
        path: Of a `saved_model.pb`.
    """
    with open(path, "rb") as file:
        saved = saved_model_pb2.SavedModel.FromString(file.read())
    digest = hashlib.sha256()
    for meta in saved.meta_graphs:
        for part in _parts(meta.graph_def):
            digest.update(part.encode())
    return digest.hexdigest()


def _parts(graph_def) -> Iterator[str]:
    """Yields the functions, in the order they were made and so numbered; the nodes."""
    functions = sorted(graph_def.library.function, key=_made)
    names = {
        function.signature.name: f"{_NUMBER.sub('', function.signature.name)}_{number}"
        for number, function in enumerate(functions)
    }
    longest_first = sorted(map(re.escape, names), key=len, reverse=True)
    known = re.compile(f"(?:{'|'.join(longest_first) or '(?!)'})(?![0-9])")
    numbers: dict[str, str] = {}
    for part in (*functions, *graph_def.node):
        # Names of arguments contain those of functions.
        text = known.sub(lambda found: names[found[0]], str(part))
        yield _NAMED_BY_NUMBER.sub(
            lambda found: numbers.setdefault(found[0], str(len(numbers))), text
        )


def _made(function) -> tuple[int, str]:
    name = function.signature.name
    found = _NUMBER.search(name)
    return int(found[1]) if found else -1, name
