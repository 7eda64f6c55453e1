"""What settings ask of examples is said before there are any, by every command."""

import dataclasses

import pytest

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
    requirements.of_run(MNIST, "here")(DETAILS)


@pytest.mark.parametrize(
    "changes, text",
    [
        ({"shape": [50, 12]}, "`energy.kind` must be a network for examples of shape"),
        ({"num_examples": {"train": 4}}, "`evaluate.num_neighbours` must be at most t"),
    ],
)
def test_examples_that_do_not_fit(changes, text):
    with pytest.raises(ValueError, match=text):
        requirements.of_run(MNIST, "here")(DETAILS | changes)


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
