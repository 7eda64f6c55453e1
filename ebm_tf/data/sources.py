"""Data sets by name: from published files in a folder, or through TFDS."""

import dataclasses
import glob
import logging
import os
from collections.abc import Callable

from ebm_tf import checks
from ebm_tf.data import cifar_binary, files, idx
from ebm_tf.data.types import Source, Split

_LOG = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Published:
    """What is known of a data set before any file is opened.

    Attributes:
        shape: `(H, W, C)`, pixels.
        class_names: One for each label.
        num_examples: How many each split has where it was published.
        files: The names of the published files, in words.
        read: `(data_dir, published) -> (splits, paths)`, from those files.
    """

    shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    num_examples: dict[str, int]
    files: str
    read: Callable[[str, "Published"], tuple[dict[str, Split], list[str]]]

    @property
    def num_classes(self) -> int:
        """Labels are below this."""
        return len(self.class_names)


def _read_idx(folder, published):
    found = idx.find(folder)
    splits = {
        name: idx.split(*pair, published.shape, published.num_classes)
        for name, pair in found.items()
    }
    return splits, [path for pair in found.values() for path in pair]


def _read_cifar10(path, published):
    paths = cifar_binary.find(path)
    return cifar_binary.splits(paths, published.class_names), paths


DATASETS = {
    "mnist": Published(
        shape=(28, 28, 1),
        class_names=tuple("0123456789"),
        num_examples={"train": 60000, "test": 10000},
        files=f"{idx.FILES} (each gzipped or not)",
        read=_read_idx,
    ),
    "fashion_mnist": Published(
        shape=(28, 28, 1),
        class_names=(
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
        num_examples={"train": 60000, "test": 10000},
        files=f"{idx.FILES} (each gzipped or not)",
        read=_read_idx,
    ),
    "cifar10": Published(
        shape=(32, 32, 3),
        class_names=(
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
        ),
        num_examples={"train": 50000, "test": 10000},
        files=cifar_binary.FILES,
        read=_read_cifar10,
    ),
}


def load(dataset: str, data_dir: str | None) -> Source:
    """Returns a data set, every file of it checked to its end.

    With `data_dir`, nothing but that folder is touched: the published files in it
    (see `DATASETS`), or the data set as TFDS prepared it there. Without, TFDS
    provides, and downloads if it must.

    Args:
        dataset: A name from `DATASETS`.
        data_dir: Folder, or None. Fewer examples than were published are fine, and
            said in `origin` and in the log.

    Raises:
        ValueError: If the name is unknown, a file is damaged or of another kind,
            or TFDS cannot get the data.
        FileNotFoundError: If the folder or a file in it does not exist.
    """
    checks.require_choice("dataset", dataset, DATASETS)
    published = DATASETS[dataset]
    if data_dir is not None:
        checks.require_file(data_dir, "`data_dir`")
    if data_dir is None or _has_prepared(data_dir, dataset):
        # Here, so that local files need not wait for TensorFlow to be imported.
        from ebm_tf.data import tfds_source

        splits, paths, origin = tfds_source.read(dataset, data_dir, published.files)
    else:
        splits, paths = published.read(data_dir, published)
        for split in splits.values():
            for _ in split.chunks():
                pass
        origin = f"Published files in {os.path.abspath(data_dir)}"
    checksums = {os.path.basename(path): files.sha256(path) for path in paths}
    _require_distinct(checksums)
    return Source(
        name=dataset,
        shape=published.shape,
        num_classes=published.num_classes,
        class_names=published.class_names,
        splits=splits,
        origin=f"{origin}: {_counts(dataset, splits, published)}.",
        checksums=checksums,
    )


def _has_prepared(data_dir, dataset):
    """Whether TFDS prepared the data set in this folder, in any version."""
    pattern = os.path.join(glob.escape(data_dir), dataset, "**", "dataset_info.json")
    return bool(glob.glob(pattern, recursive=True))


def _require_distinct(checksums):
    """A test set that is a copy of the training set would go unnoticed for long."""
    names = {}
    for name, checksum in checksums.items():
        if checksum in names:
            files.refuse(name, f"differ from {names[checksum]}", "the same bytes")
        names[checksum] = name


def _counts(dataset, splits, published):
    have = {name: split.num_examples for name, split in splits.items()}
    text = " and ".join(f"{num} {name}" for name, num in have.items()) + " examples"
    if have == published.num_examples:
        return text + ", as published"
    known = " and ".join(
        f"{num} {name}" for name, num in published.num_examples.items()
    )
    text += f" of the published {known}"
    _LOG.warning("%s: %s", dataset, text)
    return text
