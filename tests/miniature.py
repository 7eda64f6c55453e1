"""Tiny data sets in the published file formats, made from nothing.

Tests hand the folders to the same readers that take the published files, so that
no test needs a network. The pictures are crude, but every class looks like itself
and a small classifier can tell them apart. Same arguments, same bytes.
"""

import gzip
import io
import os
import pathlib
import struct
import tarfile

import numpy as np
from PIL import Image

from ebm_tf.data import sprites, trajectories
from ebm_tf.data.sources import base

CIFAR10_CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)

# Ends of the strokes, (row, column) on a grid of 3 by 2 corners:
#   0 1
#   2 3
#   4 5
_STROKES = {
    0: (0, 1, 1, 5, 5, 4, 4, 0),
    1: (1, 5),
    2: (0, 1, 1, 3, 3, 2, 2, 4, 4, 5),
    3: (0, 1, 1, 5, 2, 3, 4, 5),
    4: (0, 2, 2, 3, 1, 5),
    5: (1, 0, 0, 2, 2, 3, 3, 5, 5, 4),
    6: (1, 0, 0, 4, 4, 5, 5, 3, 3, 2),
    7: (0, 1, 1, 4),
    8: (0, 1, 1, 5, 5, 4, 4, 0, 2, 3),
    9: (3, 2, 2, 0, 0, 1, 1, 5, 5, 4),
}


def digits(num: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Returns `num` drawn digits, uint8 [num, 28, 28], and labels, uint8 [num]."""
    rng = np.random.default_rng(seed)
    labels = _labels(rng, num)
    images = [_draw(rng, int(label)) for label in labels]
    return np.reshape(np.asarray(images, np.uint8), [num, 28, 28]), labels


def textures(num: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Returns `num` colored stripes, uint8 [num, 32, 32, 3], and labels [num].

    The class sets the direction and the color; phase and noise are random.
    """
    rng = np.random.default_rng(seed)
    labels = _labels(rng, num)
    row, column = np.mgrid[0:32, 0:32]
    images = np.zeros([num, 32, 32, 3], np.uint8)
    for image, label in zip(images, labels):
        angle = np.pi * label / 10
        along = row * np.cos(angle) + column * np.sin(angle)
        wave = 0.5 + 0.5 * np.sin(along * 0.6 + rng.uniform(0, 2 * np.pi))
        tint = 0.5 + 0.5 * np.cos(2 * np.pi * (label / 10 + np.arange(3) / 3))
        light = wave[..., None] * tint * 220 + rng.normal(0, 8, image.shape)
        image[:] = np.clip(light, 0, 255)
    return images, labels


def idx_bytes(array: np.ndarray) -> bytes:
    """Returns a uint8 array in the IDX format of MNIST."""
    header = struct.pack(">BBBB", 0, 0, 8, array.ndim)
    return header + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def cifar_bytes(images: np.ndarray, labels: np.ndarray) -> bytes:
    """Returns CIFAR-10 binary records: a label, then red, green and blue planes."""
    planes = np.transpose(images, [0, 3, 1, 2]).reshape(len(images), -1)
    return np.concatenate([labels[:, None], planes], axis=1).astype(np.uint8).tobytes()


def write_mnist(
    folder: str | os.PathLike,
    num_train: int = 64,
    num_test: int = 32,
    seed: int = 0,
    gzipped: bool = True,
) -> str:
    """Writes the four IDX files of an MNIST-like set; returns the folder."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for number, (split, num) in enumerate((("train", num_train), ("t10k", num_test))):
        images, labels = digits(num, 2 * seed + number)
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            content = idx_bytes(array)
            path = folder / f"{split}-{kind}-ubyte"
            if gzipped:
                # No time in the header: the same bytes every time.
                path = path.with_name(path.name + ".gz")
                content = gzip.compress(content, mtime=0)
            path.write_bytes(content)
    return str(folder)


def write_cifar10(
    folder: str | os.PathLike,
    num_train: int = 50,
    num_test: int = 10,
    seed: int = 0,
    archived: bool = False,
) -> str:
    """Writes the binary version of a CIFAR-10-like set; returns the folder.

    Args:
        folder: Where to write; made if missing.
        num_train: Training images in all, over the five batch files.
        num_test: Test images.
        seed: Decides the pictures.
        archived: Whether to write one cifar-10-binary.tar.gz with the files under
            cifar-10-batches-bin/, as published, instead of the files themselves.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    files = {"batches.meta.txt": "".join(f"{n}\n" for n in CIFAR10_CLASSES).encode()}
    images, labels = textures(num_train, 2 * seed)
    for number, rows in enumerate(np.array_split(np.arange(num_train), 5), 1):
        files[f"data_batch_{number}.bin"] = cifar_bytes(images[rows], labels[rows])
    files["test_batch.bin"] = cifar_bytes(*textures(num_test, 2 * seed + 1))
    if not archived:
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return str(folder)
    with (
        gzip.GzipFile(folder / "cifar-10-binary.tar.gz", "wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for name, content in files.items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return str(folder)


def write_folder(folder: str | os.PathLike, num: int = 30, size: int = 20) -> str:
    """Writes pictures of any size and mode in a folder for each of 3 classes.

    Args:
        folder: Where; made if missing.
        num: Pictures in all.
        size: Of the smallest side, pixels; others are up to half as large again.

    Returns:
        The folder.
    """
    folder = pathlib.Path(folder)
    modes = ("RGB", "L", "RGBA", "P", "1", "CMYK", "LA", "I;16")
    endings = {"CMYK": "jpg", "RGB": "jpg"}
    images, labels = textures(num)
    for number, (pixels, label) in enumerate(zip(images, labels)):
        mode = modes[number % len(modes)]
        name = f"class_{label % 3}/{number:03d}.{endings.get(mode, 'png')}"
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shape = (size + number % (size // 2), size + 3 * number % (size // 2))
        image = Image.fromarray(pixels).resize(shape)
        if mode == "I;16":
            image = Image.fromarray(np.asarray(image.convert("L"), np.uint16) * 257)
        else:
            image = image.convert(mode)
        image.save(path)
    return str(folder)


def write_dsprites(folder: str | os.PathLike, num: int = 60) -> str:
    """Writes the published .npz file of dSprites with `num` of its images."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    chosen = np.random.default_rng(0).choice(sprites.NUM_IMAGES, num, replace=False)
    factors = sprites.factors_of(np.sort(chosen))
    latents = np.concatenate([np.ones([num, 1]), factors], axis=1)
    latents[:, 1] += 1  # shapes count from 1
    np.savez_compressed(
        folder / "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz",
        imgs=sprites.render(factors)[..., 0] // 255,
        latents_values=latents,
    )
    return str(folder)


def write_trajectories(folder: str | os.PathLike, num: int = 40) -> str:
    """Writes swings of a pendulum as a recording of 16 moments of 3 numbers."""
    draw = np.random.default_rng(0)
    time = np.arange(16)[None, :] * 0.4 + draw.uniform(0, 6, [num, 1])
    size = draw.uniform(0.5, 2.0, [num, 1])
    states = np.stack([size * np.sin(time), size * np.cos(time), 0 * time], axis=2)
    rows = np.asarray(states, np.float32)
    note = {"environment": "pendulum", "names": ["angle", "velocity", "torque"]}
    trajectories.write(str(folder), rows[num // 4 :], rows[: num // 4], note)
    return str(folder)


def write_tfds(folder: str | os.PathLike, dataset: str, num: int = 24) -> str:
    """Writes a data set that TFDS has as TFDS prepares it, `num` images a split.

    Needs TensorFlow Datasets, and no network.
    """
    import tensorflow_datasets as tfds
    from tensorflow_datasets.core import registered

    published = base.of_name(dataset)
    real = tfds.builder(published.tfds, data_dir=str(folder))
    size = real.info.features["image"].shape
    fields = {"image": tfds.features.Image(shape=size)}
    if "label" in real.info.features:
        num_classes = real.info.features["label"].num_classes
        fields["label"] = tfds.features.ClassLabel(num_classes=num_classes)
    if "attributes" in real.info.features:
        fields["attributes"] = dict.fromkeys(published.label_names, np.bool_)

    def examples(seed):
        images, labels = textures(num, seed)
        for key, (pixels, label) in enumerate(zip(images, labels)):
            height, width = (side or 40 + 3 * key for side in size[:2])
            image = np.asarray(Image.fromarray(pixels).resize((width, height)))
            example = {"image": image}
            if "label" in fields:
                example["label"] = int(label) % num_classes
            if "attributes" in fields:
                names = published.label_names
                on = {name: bool((label + i) % 2) for i, name in enumerate(names)}
                example["attributes"] = on
            yield key, example

    with registered.skip_registration():

        class Miniature(tfds.core.GeneratorBasedBuilder):
            name = real.name
            VERSION = real.version
            BUILDER_CONFIGS = [real.builder_config] if real.builder_config else []

            def _info(self):
                features = tfds.features.FeaturesDict(fields)
                return tfds.core.DatasetInfo(builder=self, features=features)

            def _split_generators(self, dl_manager):
                return {"train": examples(0), published.tfds_test: examples(1)}

            def _generate_examples(self):
                raise NotImplementedError

    config = real.builder_config and real.builder_config.name
    Miniature(data_dir=str(folder), config=config).download_and_prepare()
    return str(folder)


def _labels(rng, num):
    """Every class as often as any other, in random order."""
    return rng.permutation(np.arange(num) % 10).astype(np.uint8)


def _draw(rng, digit):
    top, left = 5 + rng.uniform(-2, 2), 9 + rng.uniform(-2, 2)
    height, width = 9 + rng.uniform(-1, 1), 10 + rng.uniform(-2, 2)
    slant, radius = rng.uniform(-0.15, 0.15), rng.uniform(1.0, 1.6)
    corner = np.array(
        [[top + height * (k // 2), left + width * (k % 2)] for k in range(6)]
    )
    corner[:, 1] += slant * (14 - corner[:, 0])
    pixel = np.stack(np.mgrid[0:28, 0:28], axis=-1).astype(float)
    ends = corner[list(_STROKES[digit])].reshape(-1, 2, 2)
    distance = np.full([28, 28], np.inf)
    for start, end in ends:
        along = end - start
        where = np.clip((pixel - start) @ along / (along @ along), 0, 1)
        nearest = start + where[..., None] * along
        distance = np.minimum(distance, np.linalg.norm(pixel - nearest, axis=-1))
    return np.clip(255 * (radius + 0.5 - distance), 0, 255)


def write_arrays(folder: str | os.PathLike, num: int = 40) -> str:
    """Writes points around two places of the plane, without a test set."""
    os.makedirs(folder, exist_ok=True)
    draw = np.random.default_rng(0)
    places = np.where(draw.random([num, 1]) < 0.5, -1.0, 1.0)
    rows = places + 0.2 * draw.standard_normal([num, 2])
    np.save(os.path.join(folder, "train.npy"), rows.astype(np.float32))
    return str(folder)
