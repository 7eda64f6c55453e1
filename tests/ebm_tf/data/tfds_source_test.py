"""Through TFDS: data it has prepared, damaged data, and no network."""

import dataclasses
import pathlib
import socket
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from tensorflow_datasets.core import registered

from ebm_tf.data.config import ImagesConfig
from ebm_tf.data.sources import base
from tests import miniature

NUM = {"train": 1030, "test": 7}


def _examples(split):
    rng = np.random.default_rng(NUM[split])
    images = rng.integers(256, size=[NUM[split], 28, 28, 1], dtype=np.uint8)
    return images, rng.integers(10, size=NUM[split])


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A folder of TFDS with a small `mnist` of the version that TFDS has now."""
    version = str(tfds.builder_cls("mnist").VERSION)
    folder = tmp_path_factory.mktemp("tfds")
    with registered.skip_registration():

        class Mnist(tfds.core.GeneratorBasedBuilder):
            VERSION = tfds.core.Version(version)

            def _info(self):
                features = tfds.features.FeaturesDict(
                    {
                        "image": tfds.features.Image(shape=(28, 28, 1)),
                        "label": tfds.features.ClassLabel(num_classes=10),
                    }
                )
                return tfds.core.DatasetInfo(builder=self, features=features)

            def _split_generators(self, dl_manager):
                return {name: self._generate_examples(name) for name in NUM}

            def _generate_examples(self, name):
                pairs = zip(*_examples(name), strict=True)
                for key, (image, label) in enumerate(pairs):
                    yield key, {"image": image, "label": label}

    Mnist(data_dir=str(folder)).download_and_prepare()
    return folder


def test_reads_what_tfds_prepared(prepared):
    source = base.load("mnist", str(prepared))
    assert source.shape == (28, 28, 1)
    assert "TFDS mnist/3" in source.origin
    assert "1030 train and 7 test examples" in source.origin
    assert all("mnist" in name and len(s) == 64 for name, s in source.checksums.items())
    assert len(source.checksums) == 2
    for name, num in NUM.items():
        split = source.splits[name]
        assert split.num_examples == num
        images, labels = zip(*split.chunks(), strict=True)
        assert max(len(each) for each in labels) == min(num, 1024)
        assert all(each.dtype == np.uint8 for each in images)
        assert all(each.dtype == np.int32 for each in labels)
        _assert_same_set(images, labels, *_examples(name))
        # The same order again.
        again, _ = zip(*split.chunks(), strict=True)
        np.testing.assert_array_equal(np.concatenate(again), np.concatenate(images))


def _assert_same_set(images, labels, want_images, want_labels):
    """TFDS shuffles when it prepares."""

    def rows(images, labels):
        flat = images.reshape(len(images), -1)
        flat = np.concatenate([flat, np.asarray(labels)[:, None]], axis=1)
        return flat[np.lexsort(flat.T)]

    got = rows(np.concatenate(images), np.concatenate(labels))
    np.testing.assert_array_equal(got, rows(want_images, want_labels))


def test_a_record_file_cut_short(prepared):
    [path] = pathlib.Path(prepared).glob("mnist/*/*train.tfrecord*")
    content = path.read_bytes()
    source = base.load("mnist", str(prepared))
    try:
        path.write_bytes(content[:-20])
        rule = "must hold a whole train split. Received: truncated record at"
        with pytest.raises(ValueError, match=rule) as caught:
            list(source.splits["train"].chunks())
    finally:
        path.write_bytes(content)
    assert "\n" not in str(caught.value) and "node" not in str(caught.value)


@pytest.mark.parametrize("label", [10, -1])
def test_a_label_outside_the_classes(prepared, label):
    # TFDS checks labels when it writes them, not when it reads them.
    [path] = pathlib.Path(prepared).glob("mnist/*/*test.tfrecord*")
    content = path.read_bytes()
    records = [r.numpy() for r in tf.data.TFRecordDataset(str(path))]
    example = tf.train.Example.FromString(records[3])
    example.features.feature["label"].int64_list.value[0] = label
    records[3] = example.SerializeToString()
    source = base.load("mnist", str(prepared))
    try:
        with tf.io.TFRecordWriter(str(path)) as writer:
            for record in records:
                writer.write(record)
        with pytest.raises(ValueError) as caught:
            list(source.splits["test"].chunks())
    finally:
        path.write_bytes(content)
    rule = f"must hold labels from 0 to 9. Received: {label} at position 3"
    assert str(caught.value).endswith(rule)


def test_published_files_come_before_an_empty_folder(tmp_path):
    miniature.write_mnist(tmp_path)
    (tmp_path / "mnist").mkdir()
    assert base.load("mnist", str(tmp_path)).origin.startswith("Published files")


def test_prepared_in_another_version(tmp_path):
    folder = tmp_path / "mnist" / "1.0.0"
    folder.mkdir(parents=True)
    (folder / "dataset_info.json").write_text("{}")
    with pytest.raises(ValueError, match="or mnist as TFDS prepares it. Received: no"):
        base.load("mnist", str(tmp_path))


def test_without_a_network_it_says_so_in_seconds(tmp_path):
    # In a new process: TFDS reads its folder from the environment when imported.
    # The proxy is a port that nobody listens on. TFDS by itself would retry for more
    # than three minutes.
    program = """
        from ebm_tf import checks
        from ebm_tf.data.sources import base
        for dataset in ("mnist", "fashion_mnist", "cifar10"):
            try:
                base.load(dataset, None)
            except checks.InputError as error:
                print(error)
    """
    proxy = f"http://127.0.0.1:{_closed_port()}"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        check=True,
        capture_output=True,
        text=True,
        env={
            "PYTHONPATH": ":".join(path or "." for path in sys.path),
            "TFDS_DATA_DIR": str(tmp_path),
            "HOME": str(tmp_path),
            "http_proxy": proxy,
            "https_proxy": proxy,
        },
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    for name, line in zip(("mnist", "fashion_mnist", "cifar10"), lines, strict=True):
        assert line.startswith(f"TFDS cannot download {name}: no connection to ")
        assert line.endswith(
            "and name their folder with --data_dir, "
            "or take --dataset=digits, which needs no download"
        )
    assert "t10k-labels-idx1-ubyte" in lines[0]
    assert "cifar-10-binary.tar.gz" in lines[2]
    assert list(tmp_path.glob("**/*.tfrecord*")) == []


def _closed_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


IMAGES = ImagesConfig(size=20, channels=3, corrupt="fail", test_share=0.1)


@pytest.mark.parametrize(
    "dataset, images, num_classes",
    [
        ("cifar100", None, 100),
        ("svhn_cropped", None, 10),
        ("imagenet32", None, 1000),
        ("dtd", IMAGES, 47),
        ("imagenet2012", dataclasses.replace(IMAGES, channels=1), 1000),
    ],
)
def test_data_sets_of_classes(tmp_path, dataset, images, num_classes):
    folder = miniature.write_tfds(tmp_path, dataset)
    source = base.load(dataset, folder, (), images)
    assert source.num_classes == len(source.class_names) == num_classes
    for name in ("train", "test"):
        [(pixels, labels)] = source.splits[name].chunks()
        assert pixels.shape == (24, *source.shape) and pixels.dtype == np.uint8
        assert labels.dtype == np.int32 and len(set(labels)) == 10
        assert all(image.std() > 5 for image in pixels)


def test_images_of_any_size_are_resized_and_cut(tmp_path):
    source = base.load("dtd", miniature.write_tfds(tmp_path, "dtd"), (), IMAGES)
    [(pixels, labels)] = source.splits["train"].chunks()
    # The same pictures at 32 by 32; of those wider than high the middle is left.
    images, whole = miniature.textures(24)
    order = [int(np.flatnonzero(whole == label)[0]) for label in labels]
    tint = pixels.mean(axis=(1, 2))
    want = images[order].mean(axis=(1, 2))
    assert np.abs(tint - want).max() < 15
    assert np.abs(want[:, None] - want).max() > 30  # what is compared differs


def test_attributes_make_a_label_of_numbers(tmp_path):
    folder = miniature.write_tfds(tmp_path, "celeb_a")
    source = base.load("celeb_a", folder, ("Male", "Young"), IMAGES)
    assert source.num_classes is None and source.label_names == ("Male", "Young")
    [(pixels, labels)] = source.splits["train"].chunks()
    assert pixels.shape == (24, 20, 20, 3)
    assert labels.shape == (24, 2) and labels.dtype == np.float32
    # One of the two, in the miniature's order of attributes.
    np.testing.assert_array_equal(labels.sum(axis=1), 1.0)
    plain = base.load("celeb_a", folder, (), IMAGES)
    assert plain.num_classes is None and plain.label_names == ()
    [(_, none)] = plain.splits["train"].chunks()
    assert none.dtype == np.int32 and not none.any()
