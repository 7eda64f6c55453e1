"""Data sets through TFDS, which downloads, verifies and prepares them.

TFDS retries for minutes where there is no network, so that is found out first.
"""

import os
import re
from collections.abc import Iterator, Sequence

import tensorflow as tf
import tensorflow_datasets as tfds

from ebm_tf import checks
from ebm_tf.data import files, network
from ebm_tf.data.config import ImagesConfig
from ebm_tf.data.types import CHUNK_SIZE, Chunk, Found, Split


def read(
    published,
    data_dir: str | None,
    label_names: Sequence[str] = (),
    images: ImagesConfig | None = None,
) -> Found:
    """Returns what TFDS has of a data set.

    Data that TFDS has prepared before is used as it is, without a network.

    Args:
        published: The data set, a `DataSource`; TFDS has its images as "image", and
            "label", or "attributes" where numbers may be chosen as labels.
        data_dir: TFDS's folder: nothing is downloaded then; or None for its usual
            one (`TFDS_DATA_DIR`, or ~/tensorflow_datasets) and for downloads.
        label_names: Attributes that make the label, or none for classes.
        images: What images of any size become, or None for those of one size.

    Raises:
        ValueError: If the data are not there and cannot be had.
    """
    name = published.tfds
    builder = tfds.builder(name, data_dir=data_dir)
    # The file that TFDS writes last; `is_prepared` would log that it is missing.
    if not os.path.exists(os.path.join(builder.data_path, "dataset_info.json")):
        if data_dir is not None:
            rule = f"hold {name} as TFDS prepares it"
            if published.files:
                rule = f"hold {published.files}, or {name} as TFDS prepares it"
            files.refuse(data_dir, rule, f"no whole {builder.data_path}")
        _prepare(builder, published.files)
    parts = {"train": "train", "test": published.tfds_test}
    paths = []
    for part in parts.values():
        paths += [os.fspath(path) for path in builder.info.splits[part].filepaths]
    example = _Example(published, label_names, images)
    num_classes = None if label_names else published.num_classes
    features = builder.info.features
    classes = features["label"].names if "label" in features else ()
    return Found(
        splits={
            ours: _split(builder, theirs, example, num_classes)
            for ours, theirs in parts.items()
        },
        paths=paths,
        origin=f"TFDS {builder.info.full_name} in {os.fspath(builder.data_path)}",
        class_names=tuple(classes),
        label_names=tuple(label_names),
    )


class _Example:
    """An example of TFDS as ours: `(image, label)`, tensors."""

    def __init__(self, published, label_names, images):
        self._names, self._images = tuple(label_names), images
        self._has_classes = published.num_classes is not None
        # Only what is used, so that nothing else is decoded.
        fields = {"image": True}
        if self._names:
            fields["attributes"] = dict.fromkeys(self._names, True)
        elif self._has_classes:
            fields["label"] = True
        self.decoders = tfds.decode.PartialDecoding(fields)

    def __call__(self, item):
        image = item["image"]
        if self._images is not None:
            image = _fit(image, self._images)
        if self._names:
            values = [item["attributes"][name] for name in self._names]
            return image, tf.stack([tf.cast(value, tf.float32) for value in values])
        label = item["label"] if self._has_classes else 0
        return image, tf.cast(label, tf.int32)


def _fit(image: tf.Tensor, config: ImagesConfig) -> tf.Tensor:
    """Returns the middle of an image, resized to cover `config.shape`."""
    height, width, channels = config.shape
    size = tf.cast(tf.shape(image)[:2], tf.float32)
    scale = tf.reduce_max(tf.constant([height, width], tf.float32) / size)
    wanted = tf.cast(tf.round(size * scale), tf.int32)
    image = tf.image.resize(image, tf.maximum(wanted, [height, width]), antialias=True)
    image = tf.image.resize_with_crop_or_pad(image, height, width)
    if channels == 1:
        image = tf.image.rgb_to_grayscale(image)
    return tf.cast(tf.clip_by_value(tf.round(image), 0, 255), tf.uint8)


def _prepare(builder, file_names):
    advice = network.advice(builder.name, file_names)
    url = next(iter(builder.url_infos), None)
    if url is not None:
        network.require_reachable(url, builder.name, file_names)
    try:
        builder.download_and_prepare()
    except Exception as error:  # Whatever the many libraries below TFDS raise.
        cause = " ".join(str(error).split()) or type(error).__name__
        raise checks.InvalidValueError(
            f"TFDS cannot prepare {builder.name}: {cause}. {advice}"
        ) from error


def _split(builder, name, example, num_classes):
    num_examples = builder.info.splits[name].num_examples

    def chunks() -> Iterator[Chunk]:
        # One file after the other, so that the order is the same every time; no
        # cache, which would hold the whole split in memory.
        config = tfds.ReadConfig(try_autocache=False, interleave_cycle_length=1)
        data = builder.as_dataset(
            split=name,
            shuffle_files=False,
            read_config=config,
            decoders=example.decoders,
        )
        num_read = 0
        try:
            data = data.map(example, tf.data.AUTOTUNE, deterministic=True)
            for images, labels in tfds.as_numpy(data.batch(CHUNK_SIZE).prefetch(1)):
                if num_classes is not None:
                    where = os.path.join(builder.data_path, name)
                    files.require_condition(where, labels, num_classes, num_read)
                num_read += len(labels)
                yield images, labels
        except tf.errors.OpError as error:
            # Without the names of operations that TensorFlow puts around the reason.
            cause = re.sub(r"\{\{.*?\}\} *| *\[Op:.*", "", error.message, flags=re.S)
            cause = cause or type(error).__name__
            files.refuse(builder.data_path, f"hold a whole {name} split", cause)
        if num_read != num_examples:
            rule = f"hold {num_examples} {name} examples"
            files.refuse(builder.data_path, rule, num_read)

    return Split(num_examples=num_examples, chunks=chunks)
