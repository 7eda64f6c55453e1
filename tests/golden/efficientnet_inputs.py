"""What the goldens of EfficientNet-lite0 were made of: a picture, weights, their file.

Used by the script that makes them with torch and by the test that has no torch.
"""

import pathlib
import pickle
import zlib
from collections.abc import Mapping

import numpy as np

MAGIC, VERSION = 0x1950A86A20F9469CFC6C, 1001
SCALED = 127.0, 128.0  # what the networks take: (levels - 127) / 128
EVERY = 10  # one of so many numbers is kept


def picture() -> np.ndarray:
    """Returns a drawn picture, uint8 `[224, 224, 3]`: a ball over a striped ground."""
    y, x = np.mgrid[0:224, 0:224] / 224.0
    sky = np.stack([0.5 + 0.3 * y, 0.65 + 0.2 * y, 0.95 - 0.1 * y], axis=-1)
    stripes = 0.5 + 0.5 * np.sin(40.0 * x + 25.0 * y)
    ground = np.stack([0.2 + 0.3 * stripes, 0.5 + 0.2 * stripes, 0.1 * y], axis=-1)
    colours = np.where((y > 0.6)[..., None], ground, sky)
    gap = np.hypot(x - 0.45, y - 0.5)
    shade = np.clip(1.2 - 1.5 * np.hypot(x - 0.38, y - 0.4), 0.0, 1.0)
    ball = shade[..., None] * np.array([1.0, 0.35, 0.1])
    colours = np.where((gap < 0.25)[..., None], ball, colours)
    return np.round(255.0 * np.clip(colours, 0.0, 1.0)).astype(np.uint8)


def drawn_weights(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """Returns weights for tensors of these shapes, each drawn by its name."""
    found = {}
    for name, shape in shapes.items():
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        if len(shape) > 1:
            scale = np.sqrt(2.0 / np.prod(shape[1:]))
            values = scale * rng.standard_normal(shape)
        elif name.endswith(("running_var", "weight")):
            values = rng.uniform(0.5, 1.5, shape)
        else:
            values = 0.1 * rng.standard_normal(shape)
        found[name] = values.astype(np.float32)
    return found


def write(path: pathlib.Path, tensors: Mapping[str, np.ndarray]) -> None:
    """Writes float32 tensors as torch did before its version 1.6."""
    sizes = {"short": 2, "int": 4, "long": 4}
    machine = {"protocol_version": VERSION, "little_endian": True, "type_sizes": sizes}
    parts = [pickle.dumps(each, 2) for each in (MAGIC, VERSION, machine)]
    items = b"".join(
        _text(name) + _tensor(str(key), array.shape)
        for key, (name, array) in enumerate(tensors.items())
    )
    parts.append(b"\x80\x02" + _DICT + b"(" + items + b"u.")
    parts.append(pickle.dumps([str(key) for key in range(len(tensors))], 2))
    for array in tensors.values():
        parts.append(array.size.to_bytes(8, "little") + array.tobytes())
    path.write_bytes(b"".join(parts))


_DICT = b"ccollections\nOrderedDict\n)R"


def _text(text: str) -> bytes:
    return b"X" + len(text).to_bytes(4, "little") + text.encode()


def _numbers(values) -> bytes:
    """Returns a tuple of whole numbers."""
    return b"(" + b"".join(b"J" + v.to_bytes(4, "little") for v in values) + b"t"


def _tensor(key: str, shape: tuple[int, ...]) -> bytes:
    size = int(np.prod(shape))
    storage = b"(" + _text("storage") + b"ctorch\nFloatStorage\n" + _text(key)
    storage += _text("cpu") + b"J" + size.to_bytes(4, "little") + b"NtQ"
    steps = [int(np.prod(shape[place + 1 :])) for place in range(len(shape))]
    arguments = storage + b"K\x00" + _numbers(shape) + _numbers(steps) + b"\x89" + _DICT
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + arguments + b"tR"
