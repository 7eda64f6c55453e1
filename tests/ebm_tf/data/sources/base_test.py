"""Data sets by name, from folders of published files."""

import hashlib
import logging
import socket
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from ebm_tf import box
from ebm_tf.data import in_memory, network
from ebm_tf.data.config import ImagesConfig
from ebm_tf.data.sources import base
from ebm_tf.data.types import LEVELS, Found
from tests import miniature


@pytest.mark.parametrize("dataset", ["mnist", "fashion_mnist"])
def test_idx_folder(tmp_path, dataset, caplog):
    with caplog.at_level(logging.WARNING):
        source = base.load(dataset, miniature.write_mnist(tmp_path))
    assert source.name == dataset
    assert source.shape == (28, 28, 1)
    assert source.num_classes == len(source.class_names) == 10
    assert {k: s.num_examples for k, s in source.splits.items()} == {
        "train": 64,
        "test": 32,
    }
    counts = "64 train and 32 test examples of the published 60000 train and 10000 test"
    assert source.origin == f"Published files in {tmp_path}: {counts}."
    assert caplog.messages == [f"{dataset}: {counts}"]
    assert source.checksums == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in tmp_path.iterdir()
    }


@pytest.mark.parametrize("archived", [True, False])
def test_cifar10(tmp_path, archived):
    folder = miniature.write_cifar10(tmp_path, archived=archived)
    source = base.load("cifar10", folder)
    assert source.shape == (32, 32, 3)
    assert source.class_names == miniature.CIFAR10_CLASSES
    assert len(source.checksums) == (1 if archived else 6)
    for name, num in (("train", 50), ("test", 10)):
        [(images, labels)] = _joined(source.splits[name])
        assert images.shape == (num, 32, 32, 3)
        assert sorted(labels) == sorted(np.arange(num) % 10)


NAMES = [
    "arrays",
    "celeb_a",
    "cifar10",
    "cifar100",
    "digits",
    "dsprites",
    "dtd",
    "fashion_mnist",
    "folder",
    "imagenet2012",
    "imagenet32",
    "mnist",
    "small_sprites",
    "svhn_cropped",
    "trajectory",
]
IMAGES = ImagesConfig(size=24, channels=1, corrupt="fail", test_share=0.1)


def test_unknown_name_lists_the_known():
    with pytest.raises(ValueError) as caught:
        base.load("minst", None)
    assert str(caught.value) == (
        f"`dataset` must be a registered data set, one of {', '.join(NAMES)} "
        "(did you mean mnist?). Received: dataset='minst'"
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_data_set_has_a_shape_and_a_way_to_it(name):
    source = base.of_name(name)
    assert source.kind == name
    images = IMAGES if source.any_size else None
    shape = base.shape_of(name, images)
    assert shape == (source.shape or (24, 24, 1))
    if type(source).read is base.DataSource.read:
        assert source.tfds
    assert (source.tfds is None) == (source.tfds_url is None)
    if source.class_names is not None:
        assert len(source.class_names) == source.num_classes
    if source.space is not None:
        assert box.from_dict(source.space).to_dict() == source.space


def test_attributes_of_celeb_a():
    assert len(base.of_name("celeb_a").label_names) == 40


def test_sizes_are_given_where_they_are_needed_and_nowhere_else():
    with pytest.raises(ValueError, match="`images` must be given: images of celeb_a"):
        base.shape_of("celeb_a", None)
    with pytest.raises(ValueError, match="`images` must be null for mnist"):
        base.shape_of("mnist", IMAGES)


@pytest.fixture
def own_choices(monkeypatch):
    """What a test registers is there for that test alone."""
    base.DataSource.kinds()
    choices = dict(base.DataSource._choices)
    monkeypatch.setattr(base.DataSource, "_choices", choices)


@pytest.mark.usefixtures("own_choices")
def test_a_user_s_own_data_set_is_one_class(tmp_path):
    class Pair(base.DataSource):
        kind = "pair_of_test"
        shape = (1,)

        def read(self, data_dir, label_names, images):
            self.require_no_data_dir(data_dir)
            part = in_memory.split(np.array([[0], [255]], np.uint8))
            return Found(splits={"train": part, "test": part}, paths=[], origin="Two")

    source = base.load("pair_of_test", None)
    assert source.origin == "Two: 2 train and 2 test examples."
    assert (source.shape, source.space) == ((1,), LEVELS)
    [(states, labels)] = source.splits["train"].chunks()
    assert states.tolist() == [[0], [255]] and labels.tolist() == [0, 0]
    with pytest.raises(ValueError, match="`data_dir` must be left out: pair_of_test"):
        base.load("pair_of_test", str(tmp_path))


def test_a_folder_must_be_given_where_one_is_read():
    with pytest.raises(ValueError) as caught:
        base.load("arrays", None)
    assert str(caught.value) == (
        "give --data_dir: --dataset=arrays is read from a folder"
    )


@pytest.mark.usefixtures("own_choices")
def test_only_shapes_that_are_known_before():
    class Unknown(base.DataSource):
        kind = "unknown_of_test"

    with pytest.raises(ValueError, match="`dataset` must be a data set whose shape"):
        base.shape_of("unknown_of_test", None)


def test_no_network_is_known_before_tensorflow_is_imported(tmp_path):
    with socket.socket() as listener:  # nobody listens there any more
        listener.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
    program = """
        import sys
        from ebm_tf import checks
        from ebm_tf.data.sources import base
        for name in ("mnist", "cifar100"):
            try:
                base.load(name, None)
            except checks.InputError as error:
                print(error)
        base.require_within_reach("digits", None)
        assert "tensorflow" not in sys.modules
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        check=True,
        capture_output=True,
        text=True,
        env={
            "PYTHONPATH": ":".join(path or "." for path in sys.path),
            "TFDS_DATA_DIR": str(tmp_path),
            "http_proxy": proxy,
            "https_proxy": proxy,
        },
    )
    first, second = done.stdout.splitlines()
    assert first.startswith("TFDS cannot download mnist: no connection to storage.")
    assert second == (
        "TFDS cannot download cifar100: no connection to www.cs.toronto.edu. Get "
        "cifar100 prepared by TFDS elsewhere and name their folder with --data_dir, "
        "or take --dataset=digits, which needs no download"
    )


def test_what_tfds_prepared_before_needs_no_network(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))

    def refuse(*args):
        raise ValueError("asked the network")

    monkeypatch.setattr(network, "require_reachable", refuse)
    with pytest.raises(ValueError, match="asked the network"):
        base.require_within_reach("mnist", None)
    folder = tmp_path / "mnist" / "3.0.1"
    folder.mkdir(parents=True)
    (folder / "dataset_info.json").write_text("{}")
    base.require_within_reach("mnist", None)


def test_listing_data_sets_imports_no_tensorflow():
    program = (
        "import sys; from ebm_tf.data.sources import base; base.DataSource.kinds(); "
        "assert not {'tensorflow', 'sklearn'} & set(sys.modules)"
    )
    env = {"PYTHONPATH": ":".join(p or "." for p in sys.path)}
    subprocess.run([sys.executable, "-c", program], check=True, env=env)


def test_folder_does_not_exist(tmp_path):
    path = tmp_path / "none"
    with pytest.raises(FileNotFoundError) as caught:
        base.load("mnist", str(path))
    assert str(caught.value) == f"`data_dir` does not exist: {path}"


@pytest.mark.parametrize("dataset", ["mnist", "fashion_mnist", "cifar10"])
def test_files_of_another_set(tmp_path, dataset):
    if dataset == "cifar10":
        folder, name = miniature.write_mnist(tmp_path), "cifar-10-binary.tar.gz"
    else:
        folder, name = miniature.write_cifar10(tmp_path), "train-images-idx3-ubyte"
    with pytest.raises(FileNotFoundError, match=f"does not exist.*{name}"):
        base.load(dataset, folder)


def test_damage_is_found_before_anything_is_used(tmp_path):
    folder = miniature.write_mnist(tmp_path, gzipped=False)
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="must hold 50176 bytes after its header"):
        base.load("mnist", folder)


def test_local_files_need_no_tensorflow(tmp_path):
    folder = miniature.write_mnist(tmp_path)
    program = (
        "import sys; from ebm_tf.data.sources import base; "
        f"base.load('mnist', {folder!r}); assert 'tensorflow' not in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        env={"PYTHONPATH": ":".join(p or "." for p in sys.path)},
    )


@pytest.mark.parametrize("dataset, name", [("celeb_a", "Mail"), ("mnist", "x")])
def test_labels_that_a_data_set_does_not_have(dataset, name):
    images = ImagesConfig(size=8, channels=3, corrupt="fail", test_share=0.1)
    given = images if dataset == "celeb_a" else None
    with pytest.raises(ValueError, match="`label_names` must be one of"):
        base.load(dataset, None, (name,), given)


def _joined(split):
    images, labels = zip(*split.chunks(), strict=True)
    return [(np.concatenate(images), np.concatenate(labels))]
