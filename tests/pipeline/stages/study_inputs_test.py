"""What studies read beside the model: samples, the classifier, other examples."""

import os

import numpy as np
import pytest

from ebm_tf import json_files
from pipeline.commands import study as study_command
from pipeline.store import artifacts
from tests import small_run, tiny_model


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    small_run.make(folder)
    return folder


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """Examples of another shape."""
    from ebm_tf.data import shards

    path = str(tmp_path_factory.mktemp("narrow") / "examples")
    with artifacts.writing(path, "examples", small_run.INGEST, {}, seed=0) as scratch:
        images, labels = small_run.pictures(6, 0)
        for name in small_run.NUM_EXAMPLES:
            split = os.path.join(scratch.folder, name)
            shards.write_split(split, [(images[:, :4], labels)], 100)
        scratch.details.update(shape=[4, 8, 1], num_classes=3)
    return path


def _words(run_folder, kind, **changes):
    words = [f"--study={kind}", f"--out={run_folder}"]
    sets = {name: str(value).replace("'", '"') for name, value in changes.items()}
    return words + [f"--set={kind}.{name}={value}" for name, value in sets.items()]


def test_neighbours_of_samples_by_the_classifier_s_features(run_folder, capsys):
    few = {"num_samples": 4, "num_neighbours": 2, "num_shown": 2, "block_size": 50}
    words = _words(run_folder, "neighbours", **few, features={"classifier": {}})
    study_command.main(words)
    assert capsys.readouterr().out.endswith(f"wrote {run_folder}/neighbours\n")
    made = artifacts.load(str(run_folder / "neighbours"), "neighbours")
    found = {"model", "examples", "samples", "classifier"}
    assert set(made.manifest["inputs"]) == found
    table = json_files.read_json(made.file("distances.json"))
    assert set(table) == {"pixels", "classifier"}
    assert table["pixels"]["num_train"] == small_run.NUM_EXAMPLES["train"]
    samples = np.load(run_folder / "samples" / "samples.npy")[:4].astype(np.float64)
    nearest = np.load(made.file("pixels_indices.npy"))[:, 0]
    train = small_run.pictures(90, 0)[0][nearest].astype(np.float64)
    distances = np.sqrt(np.square(samples - train).sum(axis=(1, 2, 3))) / 256.0
    np.testing.assert_allclose(
        np.load(made.file("pixels_distances.npy"))[:, 0], distances
    )
    study_command.main(words)
    assert "neighbours is there already" in capsys.readouterr().out


def test_other_examples_are_inputs_and_their_path_is_no_setting(run_folder, capsys):
    changes = {"num_images": 6, "num_train": 6, "num_shown": 2}
    examples = {"same": str(run_folder / "examples")}
    words = _words(
        run_folder, "out_of_distribution", **changes, examples=examples, generated=[]
    )
    study_command.main(words)
    made = artifacts.load(
        str(run_folder / "out_of_distribution"), "out_of_distribution"
    )
    inputs = made.manifest["inputs"]
    assert inputs["examples_same"]["digest"] == inputs["examples"]["digest"]
    # Against themselves: every test image has its equal, noise of less than a level
    # apart.
    table = json_files.read_json(made.file("auroc.json"))["sets"]["same"]
    energy, error = table["area"][0], table["standard_error"][0]
    assert abs(energy - 0.5) < 4.0 * error and table["num"] == 6
    capsys.readouterr()


@pytest.mark.parametrize(
    "kind, changes, message",
    [
        ("conversion", {}, "`model` must be of classes (energy.num_classes)"),
        ("robustness", {}, "`model` must be of classes (energy.num_classes)"),
        (
            "out_of_distribution",
            {"examples": {"other": "nowhere"}},
            "there is no `examples` at nowhere",
        ),
        (
            "neighbours",
            {"features": {"resnet50": {"path": "no.h5"}}},
            "the file with the weights of resnet50",
        ),
        ("restoration", {"num_looks": 900}, "`num_looks` must be at most the steps"),
    ],
)
def test_what_cannot_be_done_ends_in_one_line(
    run_folder, ended, kind, changes, message
):
    there = set(os.listdir(run_folder))
    code, _, err = ended(study_command.main, *_words(run_folder, kind, **changes))
    assert (code, err.count("\n")) == (2, 1)
    assert message in err
    # No classifier has been trained for nothing, and nothing is left.
    assert set(os.listdir(run_folder)) <= there


def test_examples_of_another_shape_are_refused(run_folder, narrow, ended):
    changes = {"examples": {"narrow": narrow}}
    words = _words(run_folder, "out_of_distribution", **changes)
    code, _, err = ended(study_command.main, *words, "--replace")
    assert code == 2
    assert "`narrow` must be of states of the model's shape, [8, 8, 1]" in err


def test_samples_of_another_model_are_refused(run_folder, tmp_path, ended):
    tiny_model.make(tmp_path, conditional=False)
    small_run.make_examples(tmp_path)
    words = _words(tmp_path, "neighbours")
    code, _, err = ended(study_command.main, *words, f"--samples={run_folder}/samples")
    assert code == 2 and f"`--samples` must be made from {tmp_path}/model" in err


def test_a_study_of_models_of_its_own_reads_examples_alone(run_folder, ended):
    network = {"kind": "class_mlp", "num_classes": 3, "width": 2}
    few = {"num_seeds": 2, "images_per_class": 4, "num_test": 50, "batch_size": 2}
    words = _words(run_folder, "continual", **few, classes_per_task=1, network=network)
    study_command.main(words)
    made = artifacts.load(str(run_folder / "continual"), "continual")
    assert set(made.manifest["inputs"]) == {"examples"}
    assert made.manifest["notes"]["num_updates"] == 6
    table = json_files.read_json(made.file("accuracy.json"))
    assert np.shape(table["energy"]["matrix"]) == (3, 3)
    code, _, err = ended(study_command.main, *words, f"--model={run_folder}/model")
    assert code == 2 and "--model` must be left out: --study=continual" in err
