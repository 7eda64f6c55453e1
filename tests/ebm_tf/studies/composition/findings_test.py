"""Samples of joined parabolas: which share has what was asked for is known."""

import dataclasses

import numpy as np
import pytest

from ebm_tf.studies import StudyConfig
from ebm_tf.studies.composition import (
    AskedConfig,
    CompositionStudyConfig,
    JoinConfig,
    TuningConfig,
)
from tests.ebm_tf.studies import known
from tests.ebm_tf.studies.composition import attributes

ALONE = dataclasses.replace(known.QUIET, num_steps=30)
CONFIG = CompositionStudyConfig(
    models=("other",),
    reader=attributes.MeansReaderConfig(),
    num_samples=40,
    num_known=30,
    num_shown=4,
)


@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    return known.subject(
        known.energy(),
        ALONE,
        examples=known.examples(tmp_path_factory.mktemp("examples")),
        models={"model_1": attributes.of_numbers(1.0)},
        label_names={"model": (), "model_1": ("u",), "examples": ()},
    )


@pytest.fixture(scope="module")
def found(subject):
    return CONFIG.run(subject)


def test_the_default_is_and_of_each_two(found):
    assert set(found.tables["attributes"]) == {"class_and_u"}


def test_samples_end_halfway(found):
    """Chains without noise end between the class's centre and u in each place."""
    row = found.tables["attributes"]["class_and_u"]
    ends = found.arrays["samples_class_and_u"].reshape(40, 4)
    halfway = [(centre + u) / 2.0 for centre in known.CENTRES for u in (0.4, 0.6)]
    gaps = np.array([np.square(ends - end).sum(axis=1) for end in halfway])
    assert gaps.min(axis=0).max() < 0.05  # u is that of images, near to 0.5
    assert row["has"]["class"] == 1.0
    # All centres have a mean of 0.5, images are within 0.05 of it.
    assert row["has"]["u"] == row["share"] == 1.0 and row["standard_error"] == 0.0


def test_models_alone_and_chance(found):
    row = found.tables["attributes"]["class_and_u"]
    assert row["alone"]["class"]["has"]["class"] == 1.0
    # A state of four times u lies between all centres: one class is nearest.
    other = row["alone"]["u"]["has"]["class"]
    assert other < 0.6 and row["chance"]["has"]["class"] < 0.65
    assert found.details["class_and_u"]["share"] == 1.0
    assert found.tables["reader"] == {"valid": 1.0, "agrees": {"class": 1.0}}
    assert set(found.figures) == {"shares", "samples_class_and_u"}


def test_or_and_not(subject):
    asked = [AskedConfig(attribute="class", label=(label,)) for label in (0, 1)]
    less = dataclasses.replace(asked[1], weight=-0.5)
    config = dataclasses.replace(
        CONFIG,
        joins=(
            JoinConfig(terms=tuple(asked), rule="any", temperature=0.01),
            JoinConfig(terms=(asked[0], less)),
        ),
    )
    made = config.run(subject)
    either = made.tables["attributes"]["class_or_class"]
    assert either["share"] == 1.0
    assert either["has"]["class"] + either["has"]["class_1"] == 1.0
    assert 0.1 < either["has"]["class"] < 0.9
    # Images of each lie alike around their centre.
    assert len(either["offsets"]) == 2 and abs(np.diff(either["offsets"])[0]) < 0.01
    apart = made.tables["attributes"]["class_and_not_class"]
    assert apart["share"] == apart["has"]["class"] == 1.0
    assert apart["has"]["class_1"] == 0.0


def test_after_tuning_models_are_what_they_were(subject):
    few = TuningConfig(num_updates=2, batch_size=4, num_images=20, learning_rate=0.01)
    before = subject.energy.get_weights()
    made = dataclasses.replace(CONFIG, tuning=few).run(subject)
    row = made.tables["attributes"]["class_and_u"]
    assert row["share"] == row["tuned"]["has"]["class"] == 1.0
    np.testing.assert_array_equal(before[0], subject.energy.get_weights()[0])


@pytest.mark.parametrize(
    "name, value",
    [("num_samples", 1), ("num_known", 1), ("num_shown", 41), ("models", ("",))],
)
def test_bad_settings_are_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        dataclasses.replace(CONFIG, **{name: value})


def test_bad_compositions_are_named():
    assert StudyConfig.of_kind("composition") is CompositionStudyConfig
    term = AskedConfig(attribute="class")
    for changes, name in (
        ({"terms": ()}, "terms"),
        ({"terms": (dataclasses.replace(term, weight=-1.0),)}, "terms"),
        ({"rule": "xor"}, "rule"),
        ({"temperature": 0.0}, "temperature"),
        ({"offsets": "some"}, "offsets"),
    ):
        with pytest.raises(ValueError, match=f"`{name}` must be"):
            JoinConfig(**{"terms": (term,)} | changes)
    with pytest.raises(ValueError, match="`weight` must be other than 0"):
        AskedConfig(attribute="class", weight=0.0)
    with pytest.raises(ValueError, match="`joins` must be compositions of other"):
        dataclasses.replace(CONFIG, joins=(JoinConfig(terms=(term,)),) * 2)
