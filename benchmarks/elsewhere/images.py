"""Images of a training set on their way to another machine, and shards of them there.

JPEG files travel as they are, in the order of the training set, so that a fifth of
the bytes is enough; whatever else travels as an array. Needs neither TensorFlow nor
ebm_tf on the other side.
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterable

import numpy as np

_FILE, _DIGEST = "images.npz", "digest"


def pack(images: np.ndarray, labels: np.ndarray, archives: Iterable[str], folder: str):
    """Writes images, labels and a digest of them into `folder`.

    Args:
        images: uint8 `[N, H, W, C]`.
        labels: `[N]`.
        archives: Tar files with a JPEG of every image; none, and pixels are written.
        folder: Where to write.

    Raises:
        ValueError: If an image is in none of the archives.
    """
    arrays = {"labels": labels, _DIGEST: np.array(_digest(images))}
    archives = list(archives)
    if archives:
        jpegs = _jpegs_by_pixels(archives)
        keys = [image.tobytes() for image in images]
        missing = sum(key not in jpegs for key in keys)
        if missing:
            raise ValueError(f"{missing} of {len(images)} images are in no archive")
        parts = [np.frombuffer(jpegs[key], np.uint8) for key in keys]
        arrays["jpegs"] = np.concatenate(parts)
        arrays["ends"] = np.cumsum([len(part) for part in parts])
    else:
        arrays["images"] = images
    np.savez(os.path.join(folder, _FILE), **arrays)


def unpack(folder: str, shards: str) -> bool:
    """Writes what `pack` left in `folder` as one shard, with its index, into `shards`.

    Returns whether every pixel is what was packed: decoders of JPEG may differ by a
    level.
    """
    with np.load(os.path.join(folder, _FILE)) as file:
        arrays = dict(file)
    images = arrays["images"] if "images" in arrays else _decoded(arrays)
    os.makedirs(shards, exist_ok=True)
    np.save(os.path.join(shards, "images-00000.npy"), images)
    np.save(os.path.join(shards, "labels-00000.npy"), arrays["labels"])
    count = {"num_examples": len(images), "shard_size": len(images)}
    with open(os.path.join(shards, "index.json"), "w", encoding="utf-8") as file:
        json.dump(count, file)
    return _digest(images) == str(arrays[_DIGEST])


def _digest(images: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(images).tobytes()).hexdigest()


def _pixels(jpeg: bytes) -> np.ndarray:
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"))


def _jpegs_by_pixels(archives: Iterable[str]) -> dict[bytes, bytes]:
    found = {}
    for path in archives:
        with tarfile.open(path) as tar:
            for member in tar:
                if member.isfile():
                    jpeg = tar.extractfile(member).read()
                    found[_pixels(jpeg).tobytes()] = jpeg
    return found


def _decoded(arrays: dict) -> np.ndarray:
    parts = np.split(arrays["jpegs"], arrays["ends"][:-1])
    return np.stack([_pixels(part.tobytes()) for part in parts])
