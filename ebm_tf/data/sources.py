"""Data sets by name: from files in a folder, through TFDS, or drawn here."""

import glob
import logging
import os
from collections.abc import Sequence

from ebm_tf import checks
from ebm_tf.data import catalog, cifar_binary, files, folder, idx, sprites, trajectories
from ebm_tf.data.catalog import DATASETS
from ebm_tf.data.config import ImagesConfig
from ebm_tf.data.types import Found, Source

_LOG = logging.getLogger(__name__)


def load(
    dataset: str,
    data_dir: str | None,
    label_names: Sequence[str] = (),
    images: ImagesConfig | None = None,
) -> Source:
    """Returns a data set, every file of it checked to its end.

    With `data_dir`, nothing but that folder is touched: the published files in it
    (see `DATASETS`), or the data set as TFDS prepared it there. Without, dSprites is
    drawn, and TFDS provides all others, and downloads if it must.

    Args:
        dataset: A name from `DATASETS`.
        data_dir: Folder, or None. Fewer examples than were published are fine, and
            said in `origin` and in the log.
        label_names: Which numbers labels are made of, in place of classes; some of
            the data set's own.
        images: For data sets whose images come in any size, and for them alone.

    Raises:
        ValueError: If a name is unknown, a file is damaged or of another kind,
            or TFDS cannot get the data.
        FileNotFoundError: If the folder or a file in it does not exist.
    """
    shape = catalog.shape_of(dataset, images)
    published = DATASETS[dataset]
    for name in label_names:
        checks.require_choice("label_names", name, published.label_names or ["none"])
    if data_dir is not None:
        checks.require_file(data_dir, "`data_dir`")
    prepared = data_dir is not None and _has_prepared(data_dir, published)
    if prepared or _only_tfds(published, data_dir):
        # Here, so that local files need not wait for TensorFlow to be imported.
        from ebm_tf.data import tfds_source

        found = tfds_source.read(published, data_dir, label_names, images)
    else:
        found = _READERS[published.reader](data_dir, published, label_names, images)
    checksums = {os.path.basename(path): files.sha256(path) for path in found.paths}
    _require_distinct(checksums)
    class_names = published.class_names or found.class_names or ()
    if found.label_names:
        class_names = ()
    return Source(
        name=dataset,
        shape=found.shape or shape,
        num_classes=len(class_names) or None,
        class_names=tuple(class_names),
        label_names=found.label_names,
        splits=found.splits,
        origin=f"{found.origin}: {_counts(dataset, found.splits, published)}.",
        checksums=checksums,
        normalization=found.normalization,
    )


def _only_tfds(published, data_dir) -> bool:
    if published.reader is None:
        return True
    return data_dir is None and published.tfds is not None


def _read_idx(data_dir, published, label_names, images):
    found = idx.find(data_dir)
    splits = {
        name: idx.split(*pair, published.shape, published.num_classes)
        for name, pair in found.items()
    }
    return _checked(
        data_dir, splits, [path for pair in found.values() for path in pair]
    )


def _read_cifar10(data_dir, published, label_names, images):
    paths = cifar_binary.find(data_dir)
    return _checked(data_dir, cifar_binary.splits(paths, published.class_names), paths)


def _checked(data_dir, splits, paths) -> Found:
    for split in splits.values():
        for _ in split.chunks():
            pass
    origin = f"Published files in {os.path.abspath(data_dir)}"
    return Found(splits=splits, paths=paths, origin=origin)


def _read_sprites(data_dir, published, label_names, images):
    if data_dir is None:
        return sprites.drawn(label_names)
    return sprites.read(os.path.join(data_dir, published.files), label_names)


def _read_folder(data_dir, published, label_names, images):
    _require_data_dir(data_dir, "folder")
    return folder.read(data_dir, images)


def _read_trajectories(data_dir, published, label_names, images):
    _require_data_dir(data_dir, "trajectory")
    return trajectories.read(data_dir)


_READERS = {
    "idx": _read_idx,
    "cifar": _read_cifar10,
    "sprites": _read_sprites,
    "folder": _read_folder,
    "trajectories": _read_trajectories,
}


def _require_data_dir(data_dir, dataset):
    if data_dir is None:
        raise checks.InvalidValueError(
            f"give --data_dir: --dataset={dataset} is read from a folder"
        )


def _has_prepared(data_dir, published):
    """Whether TFDS prepared the data set in this folder, in any version."""
    if published.tfds is None:
        return False
    name = published.tfds.split("/")[0]
    pattern = os.path.join(glob.escape(data_dir), name, "**", "dataset_info.json")
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
    if published.num_examples is None:
        return text
    if have == published.num_examples:
        return text + ", as published"
    known = " and ".join(
        f"{num} {name}" for name, num in published.num_examples.items()
    )
    text += f" of the published {known}"
    _LOG.warning("%s: %s", dataset, text)
    return text
