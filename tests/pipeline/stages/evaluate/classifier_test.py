"""The stage `classifier`: it learns, notes how well, and is made once."""

import dataclasses

import keras
import numpy as np
import pytest

from pipeline.commands import classifier as classifier_command
from pipeline.stages.evaluate import classifier
from pipeline.store import artifacts
from tests import small_run


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    return small_run.make_examples(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def made(examples, tmp_path_factory):
    out = str(tmp_path_factory.mktemp("made") / "classifier")
    return classifier.run(examples, out, small_run.CLASSIFIER, seed=0)


def test_it_learns_and_notes_how_well(made):
    model = keras.models.load_model(made.file("classifier.keras"), compile=False)
    images, labels = small_run.pictures(300, seed=50)
    right = np.mean(keras.ops.argmax(model(images), axis=-1) == labels)
    assert right > 0.9  # a third by chance
    assert made.details["test_accuracy"] > 0.9
    assert made.details["num_test"] == 30
    assert made.details["class_names"] == ["zero", "one", "two"]
    assert made.details["parameters"] == model.count_params()


def test_it_is_made_once(made, examples, capsys):
    again = classifier.run(examples, made.path, small_run.CLASSIFIER, seed=0)
    assert again.manifest == made.manifest
    assert "is there already" in capsys.readouterr().out


def test_the_seed_decides(made, examples, tmp_path):
    config = dataclasses.replace(small_run.CLASSIFIER, num_epochs=1)
    weights = []
    for number, seed in enumerate((3, 3, 4)):
        out = str(tmp_path / f"{number}")
        found = classifier.run(examples, out, config, seed)
        model = keras.models.load_model(found.file("classifier.keras"), compile=False)
        weights.append(np.concatenate([w.ravel() for w in model.get_weights()]))
    # Sums over threads may round otherwise.
    np.testing.assert_allclose(weights[0], weights[1], rtol=1e-2, atol=1e-4)
    assert np.abs(weights[0] - weights[2]).max() > 0.1


def test_examples_without_classes_are_refused(tmp_path):
    examples = small_run.make_examples(tmp_path, classes=False)
    out = tmp_path / "classifier"
    with pytest.raises(ValueError, match="has no classes to tell apart"):
        classifier.run(examples, str(out), small_run.CLASSIFIER, seed=0)
    assert not out.exists()


def test_a_batch_larger_than_the_training_set_is_all_of_it(examples, tmp_path, capsys):
    config = dataclasses.replace(small_run.CLASSIFIER, batch_size=91, num_epochs=1)
    made = classifier.run(examples, str(tmp_path / "classifier"), config, seed=0)
    told = "classifier: batches of all 90 training examples, not of 91"
    assert told in capsys.readouterr().out
    assert made.details["num_test"] > 0


def test_the_command(examples, tmp_path, ended):
    code, out, err = ended(
        classifier_command.main,
        "--dataset=mnist",
        f"--examples={examples}",
        f"--out={tmp_path}",
        "--set=evaluate.classifier.num_epochs=1",
        "--set=evaluate.classifier.batch_size=30",
    )
    assert code == 0, err
    assert f"classifier: wrote {tmp_path}/classifier" in out
    assert artifacts.load(str(tmp_path / "classifier"), "classifier")
