"""The stage `features`: what the data are by features, once for all models."""

import dataclasses

import numpy as np
import pytest

from ebm_tf.data.shards import Examples
from ebm_tf.metrics.features.classifier import ClassifierFeatures
from pipeline.stages.evaluate import classifier, features
from pipeline.store import artifacts
from tests import small_run
from tests.pipeline.stages.evaluate import image_features

CONFIG = image_features.QuartersFeatures()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    examples = small_run.make_examples(folder)
    out = str(folder / "features_quarters")
    found = features.run(examples, None, out, CONFIG, 20, None, seed=5)
    return artifacts.peek(examples, "examples"), found


def test_mean_and_covariance_are_of_all_training_images(made):
    examples, found = made
    everything, _ = Examples(examples.file("train")).gather(np.arange(90))
    rows = image_features.quarters(everything).features
    train, test = features.read(found, 20)
    assert train.gaussian.num == found.details["num_train"] == 90
    np.testing.assert_allclose(train.gaussian.mean, rows.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(train.gaussian.covariance, np.cov(rows.T), rtol=1e-4)
    assert len(train.features) == len(test.features) == len(test.probs) == 20
    assert found.details["told"] == "quarters of 8 rows"


def test_images_are_drawn_by_the_seed_each_once(made):
    examples, found = made
    train, test = features.read(found, 20)
    for split, some in (("train", train.features), ("test", test.features)):
        source = Examples(examples.file(split))
        rows = np.random.default_rng(5).permutation(source.num_examples)[:20]
        drawn = image_features.quarters(source.gather(rows)[0])
        np.testing.assert_allclose(some, drawn.features, rtol=1e-6)
        assert len(set(rows)) == 20 and list(rows) != sorted(rows)


def test_fewer_training_images_can_be_asked_for(made, tmp_path):
    examples, _ = made
    out = str(tmp_path / "features_quarters")
    found = features.run(examples.path, None, out, CONFIG, 20, 50, seed=5)
    train, _ = features.read(found, 20)
    rows = np.random.default_rng(5).permutation(90)[:50]
    drawn = image_features.quarters(Examples(examples.file("train")).gather(rows)[0])
    assert train.gaussian.num == 50
    np.testing.assert_allclose(train.gaussian.mean, drawn.features.mean(0), rtol=1e-5)


def test_it_is_made_once_and_anew_for_another_request(made, capsys):
    examples, found = made
    again = features.run(examples.path, None, found.path, CONFIG, 20, None, seed=5)
    assert again.digest == found.digest
    assert "is there already" in capsys.readouterr().out
    with pytest.raises(ValueError, match="num_images was 20, asked 21"):
        features.run(examples.path, None, found.path, CONFIG, 21, None, seed=5)


def test_those_of_the_classifier_come_from_its_artifact(made, tmp_path):
    examples, _ = made
    config = dataclasses.replace(small_run.CLASSIFIER, num_epochs=1)
    trained = classifier.run(examples.path, str(tmp_path / "classifier"), config, 0)
    out = str(tmp_path / "features_classifier")
    found = features.run(
        examples.path, trained.path, out, ClassifierFeatures(), 20, None, seed=0
    )
    assert found.manifest["inputs"]["classifier"]["digest"] == trained.digest
    train, test = features.read(found, 12)
    assert train.features.shape == test.features.shape == (12, 128)
    assert test.probs.shape == (12, 3)


def test_images_that_are_all_one_are_refused(tmp_path, monkeypatch):
    def alike(num, seed):
        return np.full([num, *small_run.SHAPE], 9, np.uint8), np.zeros(num, np.int32)

    monkeypatch.setattr(small_run, "pictures", alike)
    examples = small_run.make_examples(tmp_path)
    out = tmp_path / "features_quarters"
    with pytest.raises(ValueError, match="`examples` must be of images that are not"):
        features.run(examples, None, str(out), CONFIG, 20, None, seed=0)
    assert not out.exists()
