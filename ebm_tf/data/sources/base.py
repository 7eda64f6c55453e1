"""What a data set is by name: facts known before a file is opened, and its reader."""

import glob
import logging
import os
from collections.abc import Mapping, Sequence
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.data import files, network, strokes
from ebm_tf.data.config import ImagesConfig
from ebm_tf.data.types import LEVELS, Found, Source
from ebm_tf.registry import Registered

_LOG = logging.getLogger(__name__)


class DataSource(Registered, what="data set", package="ebm_tf.data.sources"):
    """A data set. A subclass in a file of this package, or a user's own, has a `kind`.

    Where `tfds` is given, TFDS provides the data set without a folder, and with one
    that it prepared; `read` has all else.

    Attributes:
        kind: What users call it.
        shape: `(H, W, C)`, pixels; `(T, D)` of sequences as usual; None where
            `ImagesConfig` decides, or where only the files tell.
        any_size: Whether its images come in any size, and `ImagesConfig` decides.
        space: The state space, as `ebm_tf.box.from_dict` takes it; None where only
            the files tell.
        class_names: One for each class; None where the files or TFDS name them.
        num_classes: Labels are below this; None if they are no classes, or if only
            the files tell.
        num_examples: How many each split has where it was published; None if that
            is for the user to know.
        files: The names of the published files, in words.
        tfds: Its name there, or None.
        tfds_test: What TFDS calls the split that is "test" here.
        tfds_url: Where TFDS downloads it from.
        label_names: Names of numbers that may be chosen as labels.
        is_measured: Whether these are measured from the pictures, see
            `ebm_tf.data.strokes`.
        max_overlap: Share of the test set that may be in the training set too: 0 but
            for published data sets that may have a few.
    """

    shape: ClassVar[tuple[int, ...] | None] = None
    any_size: ClassVar[bool] = False
    space: ClassVar[Mapping | None] = LEVELS
    class_names: ClassVar[tuple[str, ...] | None] = None
    num_classes: ClassVar[int | None] = None
    num_examples: ClassVar[Mapping[str, int] | None] = None
    files: ClassVar[str] = ""
    tfds: ClassVar[str | None] = None
    tfds_test: ClassVar[str] = "test"
    tfds_url: ClassVar[str | None] = None
    label_names: ClassVar[tuple[str, ...]] = ()
    is_measured: ClassVar[bool] = False
    max_overlap: ClassVar[float] = 0.0

    def read(
        self,
        data_dir: str | None,
        label_names: Sequence[str],
        images: ImagesConfig | None,
    ) -> Found:
        """Returns what is in a folder, every file of it checked to its end.

        Args:
            data_dir: The folder; None of a data set that needs none.
            label_names: Which numbers labels are made of, some of `self.label_names`.
            images: What images of any size become.

        Raises:
            ValueError: If the files are not what they must be.
            FileNotFoundError: If one does not exist.
        """
        raise NotImplementedError

    def require_data_dir(self, data_dir: str | None) -> None:
        """Raises `ValueError` if no folder is given."""
        if data_dir is None:
            raise checks.InvalidValueError(
                f"give --data_dir: --dataset={self.kind} is read from a folder"
            )

    def require_no_data_dir(self, data_dir: str | None) -> None:
        """Raises `ValueError` if a folder is given."""
        rule = f"left out: {self.kind} is read from no folder"
        checks.require(data_dir is None, "data_dir", rule, data_dir)


def of_name(dataset: str) -> DataSource:
    """Returns the data set of that name; `ValueError` lists those that there are."""
    return DataSource.of_kind(dataset, "dataset")()


def shape_of(dataset: str, images: ImagesConfig | None) -> tuple[int, ...]:
    """Returns the shape of one state; of sequences, the usual one.

    Raises:
        ValueError: If the name is unknown, `images` is missing or of no use, or only
            the files tell the shape.
    """
    shape = _known_shape(of_name(dataset), images)
    rule = "a data set whose shape is known before its files are read"
    checks.require(shape is not None, "dataset", rule, dataset)
    return shape


def _known_shape(source, images) -> tuple[int, ...] | None:
    if not source.any_size:
        checks.require(images is None, "images", f"null for {source.kind}", images)
        return source.shape
    rule = f"given: images of {source.kind} come in any size"
    checks.require(images is not None, "images", rule, images)
    return images.shape


def require_within_reach(dataset: str, data_dir: str | None) -> None:
    """Raises if a data set has to be downloaded and there is no network.

    TensorFlow is not imported, so the answer takes seconds.

    Raises:
        ValueError: If so, or if the name is unknown.
        FileNotFoundError: If the folder does not exist.
    """
    source = of_name(dataset)
    if data_dir is not None:
        checks.require_file(data_dir, "`data_dir`")
    elif source.tfds_url and not _has_prepared(network.tfds_folder(), source):
        network.require_reachable(source.tfds_url, source.tfds, source.files)


def load(
    dataset: str,
    data_dir: str | None,
    label_names: Sequence[str] = (),
    images: ImagesConfig | None = None,
) -> Source:
    """Returns a data set, every file of it checked to its end.

    With `data_dir`, nothing but that folder is touched: the published files in it
    (see `DataSource.files`), or the data set as TFDS prepared it there. Without,
    some are made or come with a package, and TFDS provides all others, and downloads
    if it must.

    Args:
        dataset: The name of a registered data set.
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
    source = of_name(dataset)
    shape = _known_shape(source, images)
    for name in label_names:
        checks.require_choice("label_names", name, source.label_names or ["none"])
    require_within_reach(dataset, data_dir)
    read_names = () if source.is_measured else label_names
    if _is_through_tfds(source, data_dir):
        # Here, so that local files need not wait for TensorFlow to be imported.
        from ebm_tf.data import tfds_source

        found = tfds_source.read(source, data_dir, read_names, images)
    else:
        found = source.read(data_dir, read_names, images)
    if source.is_measured:
        found = strokes.relabelled(found, label_names)
    class_names = source.class_names or found.class_names or ()
    if found.label_names:
        class_names = ()
    return Source(
        name=dataset,
        shape=found.shape or shape,
        space=found.space or source.space,
        num_classes=len(class_names) or None,
        class_names=tuple(class_names),
        label_names=found.label_names,
        splits=found.splits,
        origin=f"{found.origin}: {_counts(source, found.splits)}.",
        checksums=_checksums(found),
        normalization=found.normalization,
        is_of_user=source.num_examples is None and data_dir is not None,
        max_overlap=source.max_overlap,
    )


def _is_through_tfds(source, data_dir) -> bool:
    if source.tfds is None:
        return False
    if data_dir is None or type(source).read is DataSource.read:
        return True
    return _has_prepared(data_dir, source)


def _has_prepared(data_dir, source) -> bool:
    """Whether TFDS prepared the data set in this folder, in any version."""
    if source.tfds is None:
        return False
    name = source.tfds.split("/")[0]
    pattern = os.path.join(glob.escape(data_dir), name, "**", "dataset_info.json")
    return bool(glob.glob(pattern, recursive=True))


def _checksums(found) -> Mapping[str, str]:
    if found.checksums is not None:
        return found.checksums
    return {os.path.basename(path): files.sha256(path) for path in found.paths}


def _counts(source, splits) -> str:
    have = {name: split.num_examples for name, split in splits.items()}
    text = " and ".join(f"{num} {name}" for name, num in have.items()) + " examples"
    if source.num_examples is None:
        return text
    if have == source.num_examples:
        return text + ", as published"
    known = " and ".join(f"{num} {name}" for name, num in source.num_examples.items())
    text += f" of the published {known}"
    _LOG.warning("%s: %s", source.kind, text)
    return text
