"""Data sets through TFDS, which downloads, verifies and prepares them.

TFDS retries for minutes where there is no network, so that is found out first.
"""

import os
import socket
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from ebm_tf import checks
from ebm_tf.data import files
from ebm_tf.data.types import CHUNK_SIZE, Chunk, Split

_CONNECT_SECONDS = 3.0


def read(
    dataset: str, data_dir: str | None, file_names: str
) -> tuple[dict[str, Split], list[str], str]:
    """Returns splits, the files they are read from, and a sentence on the origin.

    Data that TFDS has prepared before is used as it is, without a network.

    Args:
        dataset: TFDS's name of a data set with features "image" and "label" and
            splits "train" and "test".
        data_dir: TFDS's folder: nothing is downloaded then; or None for its usual
            one (`TFDS_DATA_DIR`, or ~/tensorflow_datasets) and for downloads.
        file_names: What the user can get instead, in words; for the error.

    Raises:
        ValueError: If the data are not there and cannot be had.
    """
    builder = tfds.builder(dataset, data_dir=data_dir)
    # The file that TFDS writes last; `is_prepared` would log that it is missing.
    if not os.path.exists(os.path.join(builder.data_path, "dataset_info.json")):
        if data_dir is not None:
            rule = f"hold {file_names}, or {dataset} as TFDS prepares it"
            files.refuse(data_dir, rule, f"no whole {builder.data_path}")
        _prepare(builder, file_names)
    paths = []
    for split in ("train", "test"):
        paths += [os.fspath(path) for path in builder.info.splits[split].filepaths]
    splits = {name: _split(builder, name) for name in ("train", "test")}
    origin = f"TFDS {builder.info.full_name} in {os.fspath(builder.data_path)}"
    return splits, paths, origin


def is_reachable(url: str, timeout: float) -> bool:
    """Returns whether a connection towards `url` opens within `timeout` seconds.

    Towards the proxy, if the environment names one for it.
    """
    parts = urllib.parse.urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if proxy and not urllib.request.proxy_bypass(parts.hostname):
        parts = urllib.parse.urlsplit(proxy if "//" in proxy else f"//{proxy}")
    port = parts.port or {"https": 443}.get(parts.scheme, 80)
    answers = []

    def connect():
        try:
            socket.create_connection((parts.hostname, port), timeout).close()
            answers.append(True)
        except OSError:
            pass

    # A thread, as looking up a name takes as long as it likes.
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(timeout)
    return bool(answers)


def _prepare(builder, file_names):
    url = next(iter(builder.url_infos))
    advice = f"Get {file_names} and name their folder with --data_dir"
    if not is_reachable(url, _CONNECT_SECONDS):
        host = urllib.parse.urlsplit(url).hostname
        raise checks.InvalidValueError(
            f"TFDS cannot download {builder.name}: no connection to {host}. {advice}"
        )
    try:
        builder.download_and_prepare()
    except Exception as error:  # Whatever the many libraries below TFDS raise.
        cause = " ".join(str(error).split()) or type(error).__name__
        raise checks.InvalidValueError(
            f"TFDS cannot prepare {builder.name}: {cause}. {advice}"
        ) from error


def _split(builder, name):
    num_examples = builder.info.splits[name].num_examples

    def chunks() -> Iterator[Chunk]:
        # One file after the other, so that the order is the same every time; no
        # cache, which would hold the whole split in memory.
        config = tfds.ReadConfig(try_autocache=False, interleave_cycle_length=1)
        data = builder.as_dataset(split=name, shuffle_files=False, read_config=config)
        num_read = 0
        try:
            for item in tfds.as_numpy(data.batch(CHUNK_SIZE).prefetch(1)):
                num_read += len(item["label"])
                yield item["image"], item["label"].astype(np.int32)
        except tf.errors.OpError as error:
            cause = (error.message or type(error).__name__).splitlines()[0]
            files.refuse(builder.data_path, f"hold a whole {name} split", cause)
        if num_read != num_examples:
            rule = f"hold {num_examples} {name} examples"
            files.refuse(builder.data_path, rule, num_read)

    return Split(num_examples=num_examples, chunks=chunks)
