"""Every preset loads, and those of the paper say what the paper says."""

import dataclasses
import hashlib
import json
import pathlib

import pytest

from ebm_tf import checks, settings
from ebm_tf.data.sources import base
from ebm_tf.energy.networks.convnet import ConvNetConfig
from ebm_tf.energy.networks.resnet import ResNetConfig
from pipeline.settings import presets
from pipeline.settings.config import RunConfig

GOLDEN = pathlib.Path(__file__).parents[2] / "golden"


def load(name):
    return settings.from_dict(RunConfig, presets.read_preset(name)[1])


@pytest.mark.parametrize("path", sorted(presets.PRESETS.glob("*.json")), ids=str)
def test_preset_loads_and_says_what_it_is(path):
    description, data = presets.read_preset(path.stem)
    assert description.endswith(".") and "\n" not in description
    config = settings.from_dict(RunConfig, data)
    assert settings.to_dict(config) == data
    assert config.sample.num_samples % config.sample.batch_size == 0


def plain(config) -> dict:
    """Returns settings without those that are of their default."""
    found = {"kind": config.kind} if hasattr(config, "kind") else {}
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if value != field.default:
            found[field.name] = (
                plain(value) if dataclasses.is_dataclass(value) else value
            )
    return found


@pytest.mark.parametrize("name", json.loads((GOLDEN / "presets.json").read_text()))
def test_preset_says_what_it_always_said(name):
    """The digests are of the presets of format 1, each written out as a whole.

    They went through the migration of stored models, and got what is new since: an
    average that begins at zeros, and sizes per replica of the released code. The one
    study was a section of its own then, and no gate was about noise. How a likelihood
    is measured is another matter since errors are honest, and not in the digests; nor
    are the numbers that compare images by features, which there were none of.
    """
    digests = json.loads((GOLDEN / "presets.json").read_text())
    config = load(name)
    found = plain(dataclasses.replace(config, studies={}))
    assert list(config.studies) == ["saturation"]
    saturation = plain(config.studies["saturation"])
    assert (found.pop("studies"), saturation.pop("kind")) == ({}, "saturation")
    found["saturation"] = saturation
    wanted = 0.45 if name == "arrays" else 0.6
    assert found["evaluate"]["gates"].pop("min_noise_auroc") == wanted
    assert found["evaluate"].pop("likelihood")
    tasks = found["evaluate"]["tasks"]
    has_numbers = found["evaluate"].pop("image_metrics", None) is not None
    assert has_numbers == ("image_metrics" in tasks)
    found["evaluate"]["tasks"] = tuple(t for t in tasks if t != "image_metrics")
    text = json.dumps(found, sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest() == digests[name]


FILES = sorted(presets.PRESETS.rglob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_preset_says_nothing_that_the_one_it_extends_says(path):
    by_name = {each.stem: json.loads(each.read_text()) for each in FILES}
    data = by_name[path.stem]
    assert data.pop("description").endswith(".")
    chain, base = [], {}
    name = data.pop("extends", None)
    while name is not None:
        chain.append(by_name[name])
        name = by_name[name].get("extends")
    for changes in reversed(chain):
        base = presets.merged(base, changes)
    assert list(repeated(data, base)) == []


def repeated(data, base, path=""):
    """Yields the names of what is in both, and of nulls that change nothing."""
    for key, value in data.items():
        other = base.get(key)
        if key == "kind":
            continue
        if isinstance(value, dict) and isinstance(other, dict):
            if value.get("kind", other.get("kind")) == other.get("kind"):
                yield from repeated(value, other, f"{path}{key}.")
        elif value == other:
            yield path + key


def test_presets_are_a_few_hundred_lines():
    assert sum(len(path.read_text().splitlines()) for path in FILES) < 900


def test_file_of_the_users_own_extends_a_preset(tmp_path):
    path = tmp_path / "mine.json"
    sampler = {"kind": "mala", "num_steps": 20, "step_size": 1.0, "noise_std": 0.1}
    path.write_text(
        json.dumps(
            {
                "extends": "mnist",
                "train": {"num_updates": 7},
                "sample": {"sampler": sampler, "process": None},
            }
        )
    )
    description, data = presets.read_preset(str(path))
    _, mnist = presets.read_preset("mnist")
    assert description == ""
    assert data["train"] == mnist["train"] | {"num_updates": 7}
    assert data["sample"]["sampler"] == sampler  # of another kind: nothing is kept
    assert data["evaluate"] == mnist["evaluate"]


@pytest.mark.parametrize(
    "parent, text",
    [
        ("mnits", "`extends` must be one of arrays, base, "),
        ("mnits", "(did you mean mnist?). Received: extends='mnits'"),
        (3, "`extends` must be the name of a preset. Received: extends=3"),
        (["mnist"], "`extends` must be the name of a preset"),
        ("mine.json", "`extends` must be one of arrays, base, "),
    ],
)
def test_what_cannot_be_extended_is_refused(parent, text, tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"extends": parent}))
    with pytest.raises(checks.InvalidValueError) as caught:
        presets.read_preset(str(path))
    assert text in str(caught.value) and "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    "others, chain",
    [({"one": "one"}, "one -> one"), ({"one": "two", "two": "one"}, "one -> two ->")],
)
def test_preset_that_leads_back_to_itself_is_refused(
    others, chain, tmp_path, monkeypatch
):
    monkeypatch.setattr(presets, "PRESETS", tmp_path)
    for name, parent in others.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"extends": parent}))
    with pytest.raises(checks.InvalidValueError, match="one: `extends` must") as caught:
        presets.read_preset("one")
    assert chain in str(caught.value) and "\n" not in str(caught.value)


def test_merging_changes_neither_side():
    base, changes = {"a": {"b": 1, "c": [1]}, "d": None}, {"a": {"c": [2]}, "d": {}}
    assert presets.merged(base, changes) == {"a": {"b": 1, "c": [2]}, "d": {}}
    assert base == {"a": {"b": 1, "c": [1]}, "d": None}
    assert presets.merged({"a": {"kind": "x", "b": 1}}, {"a": {"kind": "y"}}) == {
        "a": {"kind": "y"}
    }
    assert presets.merged({"a": {"kind": "x", "b": 1}}, {"a": {"c": 2}}) == {
        "a": {"kind": "x", "b": 1, "c": 2}
    }


def test_presets_of_the_issue_are_there():
    names = {"mnist", "mnist_paper", "fashion_mnist", "cifar10_conditional"}
    assert names <= set(presets.preset_names())


PAPER = (
    "mnist_paper",
    "cifar10_conditional",
    "cifar10_unconditional",
    "cifar100",
    "svhn",
    "dtd",
    "imagenet32",
    "celeba_attribute",
    "folder",
)


@pytest.mark.parametrize("name", PAPER)
def test_settings_of_the_paper(name):  # A.11
    train = load(name).train
    chain = train.objective.langevin
    assert (chain.num_steps, chain.step_size) == (60, 10.0)
    assert (chain.grad_clip, chain.noise_std) == (0.01, 0.005)
    assert (train.objective.replay.capacity, train.objective.replay.fresh_prob) == (
        10_000,
        0.05,
    )
    assert train.objective.replay.labels == "data"
    adam = train.optimizer
    assert (adam.learning_rate, adam.beta_1, adam.beta_2) == (1e-4, 0.0, 0.999)
    assert adam.num_sigmas == 3.0
    assert train.batch_size == 128


def test_networks_of_the_paper():
    mnist, cifar10 = load("mnist_paper"), load("cifar10_conditional")
    assert isinstance(mnist.energy, ConvNetConfig) and mnist.energy.filters == 64
    # Figure 9: the step size of 10 does best with an L2 coefficient of 0.1.
    assert mnist.train.objective.l2_weight == 0.1
    assert isinstance(cifar10.energy, ResNetConfig)
    assert cifar10.energy.stem_filters == 128  # Figure 12(a)
    assert cifar10.energy.stage_filters == (128, 256, 256)
    assert cifar10.energy.stage_blocks == (2, 2, 2)
    assert cifar10.energy.num_classes == 10
    assert cifar10.train.objective.l2_weight == 1.0


def test_mnist_is_unconditional():
    assert load("mnist").energy.num_classes is None


def network(name):
    energy = load(name).energy
    return energy.stem_filters, energy.stage_filters, energy.stage_blocks


def test_networks_of_figure_12():
    assert network("cifar10_unconditional") == (128, (128, 256, 256), (3, 3, 3))
    assert load("cifar10_unconditional").energy.num_classes is None
    assert network("imagenet32") == (128, (256, 512, 1024), (2, 2, 2))
    assert network("imagenet128") == (64, (64, 128, 256, 512, 1024), (1, 1, 1, 1, 2))
    for name in ("imagenet32", "imagenet128"):
        assert load(name).energy.num_classes == 1000


def test_networks_and_settings_of_the_released_code():
    cifar10 = load("cifar10_unconditional_released")
    assert network("cifar10_unconditional_released") == (128, (128, 256, 512), (3,) * 3)
    assert cifar10.energy.num_classes is None
    assert network("imagenet32_released") == (128, (256, 512, 1024), (3, 3, 3))
    imagenet128 = load("imagenet128_released")
    stages = (64, 128, 256, 512, 512)
    assert network("imagenet128_released") == (64, stages, (1, 1, 1, 1, 2))
    assert imagenet128.energy.activation == "swish"
    chain = imagenet128.train.objective.langevin
    assert (chain.num_steps, chain.step_size, chain.grad_clip) == (50, 100.0, None)
    sizes = {}
    for path in presets.PRESETS.glob("*_released.json"):
        train = load(path.stem).train
        sizes[path.stem] = train.batch_size
        assert train.optimizer.learning_rate == 3e-4
        assert (train.objective.replay.write, train.objective.l2_weight) == (
            "ring",
            1.0,
        )
        # The code can crop and flip CIFAR; no command in its README asks for it.
        assert train.augment is None
    assert sizes == {
        "cifar10_unconditional_released": 128,
        "imagenet32_released": 32,
        "imagenet128_released": 16,
    }


def test_chains_that_differ_from_those_of_the_images():
    imagenet = load("imagenet128").train.objective.langevin  # A.11
    assert (imagenet.num_steps, imagenet.step_size) == (60, 100.0)
    robot = load("trajectory").train.objective.langevin  # A.11
    assert (robot.num_steps, robot.step_size, robot.grad_clip) == (10, 10.0, 0.01)
    for factor in ("shape", "position", "size", "orientation"):  # the released code
        config = load(f"dsprites_{factor}")
        chain = config.train.objective.langevin
        assert (chain.num_steps, chain.step_size, chain.grad_clip) == (20, 500.0, None)
        assert config.energy.filters == 64


@pytest.mark.parametrize("path", sorted(presets.PRESETS.glob("*.json")), ids=str)
def test_the_network_is_for_the_labels_and_the_shape(path):
    config = load(path.stem)
    published = base.of_name(config.ingest.dataset)
    shape = base.shape_of(config.ingest.dataset, config.ingest.images)
    if config.energy.num_classes is not None:
        assert config.energy.num_classes == published.num_classes
    if config.energy.label_dims is not None:
        names = config.ingest.label_names
        num = len(names) + names.count("orientation")  # an angle is two numbers
        assert config.energy.label_dims == num
        assert set(names) <= set(published.label_names)
    of_sequences = config.energy.kind in ("sequence", "level_mlp")
    assert of_sequences == (len(shape) == 2)


def test_fashion_mnist_has_the_settings_of_mnist():
    _, ours = presets.read_preset("fashion_mnist")
    _, digits = presets.read_preset("mnist")
    assert ours.pop("ingest") == digits.pop("ingest") | {"dataset": "fashion_mnist"}
    assert ours == digits
