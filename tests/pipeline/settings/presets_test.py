"""Every preset loads, and those of the paper say what the paper says."""

import json

import pytest

from ebm_tf import settings
from ebm_tf.data import catalog
from ebm_tf.energy.config import ConvNetConfig, ResNetConfig
from pipeline.settings import presets
from pipeline.settings.config import RunConfig


def load(name):
    return settings.from_dict(RunConfig, presets.read_preset(name)[1])


@pytest.mark.parametrize("path", sorted(presets.PRESETS.glob("*.json")), ids=str)
def test_preset_loads_and_says_what_it_is(path):
    description, data = presets.read_preset(path.stem)
    assert description.endswith(".") and "\n" not in description
    config = settings.from_dict(RunConfig, data)
    assert settings.to_dict(config) == data
    assert config.sample.num_samples % config.sample.batch_size == 0
    # The file holds nothing that the loader would have to make up.
    written = json.loads(path.read_text())
    assert written.pop("description") == description
    assert written == data


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
    published = catalog.DATASETS[config.ingest.dataset]
    shape = catalog.shape_of(config.ingest.dataset, config.ingest.images)
    if config.energy.num_classes is not None:
        assert config.energy.num_classes == published.num_classes
    if config.energy.label_dims is not None:
        names = config.ingest.label_names
        num = len(names) + names.count("orientation")  # an angle is two numbers
        assert config.energy.label_dims == num
        assert set(names) <= set(published.label_names)
    assert (config.energy.kind == "sequence") == (len(shape) == 2)


def test_fashion_mnist_has_the_settings_of_mnist():
    _, ours = presets.read_preset("fashion_mnist")
    _, digits = presets.read_preset("mnist")
    assert ours.pop("ingest") == digits.pop("ingest") | {"dataset": "fashion_mnist"}
    assert ours == digits
