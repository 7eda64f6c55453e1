"""What settings ask of examples is said before there are any, by every command."""

import dataclasses

import pytest

from ebm_tf.metrics.features.efficientnet_lite0 import EfficientNetLite0Features
from pipeline.commands import all as all_command
from pipeline.commands import train as train_command
from pipeline.settings import typed_presets
from pipeline.stages import requirements
from tests import miniature

DETAILS = {
    "shape": [28, 28, 1],
    "num_classes": 10,
    "label_names": [],
    "num_examples": {"train": 40, "validation": 4, "test": 10},
}
MNIST = typed_presets.read("mnist")


def test_what_fits_is_let_through():
    requirements.of_training(MNIST, "here")(DETAILS)
    enough = DETAILS | {"num_examples": {"train": 140, "validation": 4, "test": 129}}
    requirements.of_run(MNIST, "here")(enough)


@pytest.mark.parametrize(
    "changes, text",
    [
        ({"shape": [50, 12]}, "`energy.kind` must be a network for examples of shape"),
        ({"num_examples": {"train": 4}}, "`evaluate.num_neighbours` must be at most t"),
        ({}, "`images of the split test` must be above 128, .* Received: .*=10"),
    ],
)
def test_examples_that_do_not_fit(changes, text):
    with pytest.raises(ValueError, match=text):
        requirements.of_run(MNIST, "here")(DETAILS | changes)


LEVELS = typed_presets.read("mnist_score")


@pytest.mark.parametrize(
    "config, text",
    [
        (
            dataclasses.replace(MNIST, sample=LEVELS.sample),
            "`sampler.kind` must be of a sampler without levels",
        ),
        (
            dataclasses.replace(
                LEVELS, energy=dataclasses.replace(LEVELS.energy, patch=8)
            ),
            "`energy.patch and energy.widths` must be one whose places of 16 pixels",
        ),
    ],
)
def test_settings_that_no_examples_could_help_are_told_before_ingest(config, text):
    with pytest.raises(ValueError, match=text):
        requirements.of_training(config, "here")(DETAILS)


@pytest.mark.parametrize("space", [{"num_levels": 8}, {"num_levels": None}])
def test_a_base_of_more_bins_than_levels_is_told_before_ingest(space):
    with pytest.raises(ValueError, match="`energy.base.num_groups` must be of a base"):
        requirements.of_training(LEVELS, "here")(DETAILS | {"space": space})


def test_image_metrics_need_images_and_weights(tmp_path):
    details = DETAILS | {"num_examples": {"train": 200, "validation": 4, "test": 200}}
    requirements.require_image_metrics(MNIST.evaluate, details, 129)
    with pytest.raises(ValueError, match="`sample.num_samples` must be above 128"):
        requirements.require_image_metrics(MNIST.evaluate, details, 128)
    # Nothing is asked for features that cannot be taken, or without the task.
    for changes in ({"num_classes": None}, {"shape": [2]}):
        requirements.require_image_metrics(MNIST.evaluate, details | changes, 1)
    other = dataclasses.replace(MNIST.evaluate, tasks=("energies",))
    requirements.require_image_metrics(other, details, 1)
    path = str(tmp_path / "none.pth")
    features = {"efficientnet_lite0": EfficientNetLite0Features(path=path)}
    block = dataclasses.replace(MNIST.evaluate.image_metrics, features=features)
    config = dataclasses.replace(MNIST.evaluate, image_metrics=block)
    details["num_examples"] = dict.fromkeys(("train", "test"), 2000)
    with pytest.raises(ValueError, match="`evaluate.image_metrics.num_images` must be"):
        requirements.require_image_metrics(config, details, 2000)
    block = dataclasses.replace(block, num_images=1281)
    config = dataclasses.replace(config, image_metrics=block)
    with pytest.raises(FileNotFoundError, match="none.pth"):
        requirements.require_image_metrics(config, details, 2000)


def test_likelihood_needs_some_of_each_split():
    tasks = ("likelihood",)
    config = dataclasses.replace(MNIST.evaluate, tasks=tasks)
    requirements.require_evaluation(config, DETAILS, "here")
    few = DETAILS | {"num_examples": {"train": 40, "validation": 4, "test": 1}}
    rule = "`examples` must be with 2 images or more in the split test"
    with pytest.raises(ValueError, match=rule):
        requirements.require_evaluation(config, few, "here")


@pytest.mark.parametrize("main", [train_command.main, all_command.main])
def test_another_number_of_classes_leaves_no_examples(tmp_path, ended, main):
    folder, out = miniature.write_folder(tmp_path / "images"), tmp_path / "run"
    args = ("--preset=cifar10_conditional", "--dataset=folder", f"--data_dir={folder}")
    images = '{"size": 16, "channels": 3, "corrupt": "fail", "test_share": 0.2}'
    args += (f"--set=ingest.images={images}", f"--out={out}")
    code, _, err = ended(main, *args)
    line = err.splitlines()[-1]
    assert code == 2 and "`energy.num_classes` must be 3, as of the examples" in line
    assert not out.exists()
