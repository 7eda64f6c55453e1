"""Neighbours by pixels and by features against brute force."""

import dataclasses

import numpy as np
import pytest

from ebm_tf.metrics.feature_sets import Features
from ebm_tf.metrics.features import FeatureConfig
from ebm_tf.metrics.features.classifier import ClassifierFeatures
from ebm_tf.studies.neighbours import NeighboursConfig
from tests.ebm_tf.studies import known


@dataclasses.dataclass(frozen=True, kw_only=True)
class FirstPixel(FeatureConfig):
    """One number: the first pixel; without a kind of its own it is in no list."""

    width = 1
    batch_size = 7

    def network(self, space, classifier=None):
        def network(stored):
            first = stored.reshape(len(stored), -1)[:, :1]
            return Features(first, np.ones([len(stored), 1], np.float32))

        return network


FirstPixel.kind = "first_pixel"
CONFIG = NeighboursConfig(
    features={"first": FirstPixel()},
    num_samples=6,
    num_neighbours=3,
    block_size=8,
    num_shown=2,
)


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    return known.examples(tmp_path_factory.mktemp("examples"), spread=0.1)


@pytest.fixture(scope="module")
def samples(examples):
    drawn = np.random.default_rng(5).random([9, *known.SHAPE], np.float32)
    drawn[0] = examples["train"].gather(np.array([4]))[0][0]  # a copy
    return drawn


@pytest.fixture(scope="module")
def found(examples, samples):
    subject = known.subject(known.energy(), examples=examples, samples=samples)
    return CONFIG.run(subject)


def _brute_force(queries, references):
    gaps = queries[:, None].astype(np.float64) - references[None]
    distances = np.sqrt(np.square(gaps).sum(axis=2))
    order = np.argsort(distances, axis=1, kind="stable")[:, :3]
    return order, np.take_along_axis(distances, order, axis=1)


@pytest.mark.parametrize("name, columns", [("pixels", 4), ("first", 1)])
def test_they_are_those_of_brute_force_in_blocks(
    found, examples, samples, name, columns
):
    train = examples["train"].gather(np.arange(30))[0].reshape(30, 4)[:, :columns]
    order, distances = _brute_force(samples[:6].reshape(6, 4)[:, :columns], train)
    np.testing.assert_array_equal(found.arrays[f"{name}_indices"], order)
    got = found.arrays[f"{name}_distances"]
    np.testing.assert_allclose(got, distances, atol=1e-7)
    told = found.tables["distances"][name]
    assert told["num_train"] == 30
    assert told["sets"]["samples"]["num"] == told["sets"]["test"]["num"] == 6
    first = distances[:, 0]
    assert told["sets"]["samples"]["median"] == pytest.approx(np.median(first))
    assert told["sets"]["samples"]["min"] == pytest.approx(0.0, abs=1e-7)
    share = np.mean(first < told["near_limit"])
    assert told["sets"]["samples"]["near_share"] == share >= 1 / 6


def test_what_it_shows(found):
    kinds = ("distances", "neighbours")
    assert set(found.figures) == {
        f"{n}_{k}" for n in ("pixels", "first") for k in kinds
    }
    rows = zip(found.arrays["pixels_indices"], found.arrays["first_indices"])
    common = np.mean([len(set(a) & set(b)) / 3 for a, b in rows])
    assert found.notes["common_neighbours"] == {"first": pytest.approx(common)}
    assert set(found.details) == {"pixels", "first"}


@pytest.mark.parametrize(
    "name, value",
    [
        ("features", {"pixels": FirstPixel()}),
        ("features", {"a b": FirstPixel()}),
        ("num_samples", 1),
        ("num_neighbours", 0),
        ("num_train", 2),
        ("block_size", 3),
    ],
)
def test_bad_settings_are_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        dataclasses.replace(CONFIG, **{name: value})


def test_what_it_needs(examples, samples):
    assert not CONFIG.needs_classifier and CONFIG.needs_samples
    asks = dataclasses.replace(CONFIG, features={"classifier": ClassifierFeatures()})
    assert asks.needs_classifier
    with pytest.raises(ValueError, match="`model` must be of images"):
        CONFIG.require_model((5,), None, known.QUIET)
    few = dataclasses.replace(CONFIG, num_neighbours=7, num_train=7, block_size=9)
    subject = known.subject(known.energy(), examples=examples, samples=samples)
    assert few.run(subject).arrays["pixels_indices"].max() < 7
    many = dataclasses.replace(CONFIG, num_neighbours=31, block_size=40)
    with pytest.raises(ValueError, match="`num_neighbours` must be"):
        many.run(subject)
