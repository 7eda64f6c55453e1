"""What a study is asked for: the default, and what is refused."""

import dataclasses

import pytest

from ebm_tf.studies.composition import (
    AskedConfig,
    CompositionStudyConfig,
    JoinConfig,
    TuningConfig,
    joins,
    requests,
)
from tests.ebm_tf.studies import known
from tests.ebm_tf.studies.composition import attributes

CONFIG = CompositionStudyConfig(reader=attributes.MeansReaderConfig())
CLASS = JoinConfig(terms=(AskedConfig(attribute="class"),))


def subject(levels=None):
    return known.subject(
        known.energy(levels=levels),
        models={"model_1": attributes.of_numbers(1.0, levels)},
        label_names={"model_1": ("u",), "examples": ()},
    )


def asked(config, told):
    return requests.of_study(config, joins.parts_of(told), told)


def test_without_joins_it_is_and_of_each_two_at_one_weight():
    [both] = asked(dataclasses.replace(CONFIG, weight=2.0), subject(known.LEVELS))
    assert both.name == "class_and_u"
    assert [term.weight for term in both.terms] == [2.0, 2.0]
    parts = joins.Parts(dict.fromkeys("abc"), None)
    names = [join.name for join in requests.default_joins(parts)]
    assert names == ["a_and_b", "a_and_c", "b_and_c", "a_and_b_and_c"]
    assert asked(dataclasses.replace(CONFIG, joins=(CLASS,)), subject()) == [CLASS]


@pytest.mark.parametrize(
    "changes, told",
    [
        ({"attribute": "color"}, "`joins.terms.attribute` must be one that a model"),
        ({"label": (3,)}, "`joins.terms.label` must be a class"),
        ({"label": (0.1, 0.2)}, "`joins.terms.label` must be 1 numbers"),
    ],
)
def test_what_nobody_knows_is_refused(changes, told):
    term = dataclasses.replace(CLASS.terms[0], **changes)
    config = dataclasses.replace(CONFIG, joins=(JoinConfig(terms=(term,)),))
    with pytest.raises(ValueError, match=told):
        asked(config, subject())


def test_a_reader_that_does_not_read_it():
    names = {"model_1": ("v",), "examples": ()}
    with pytest.raises(ValueError, match="`reader.kind` must be one that reads v"):
        asked(CONFIG, dataclasses.replace(subject(), label_names=names))


def test_what_cannot_be_tuned_is_refused():
    longer = dataclasses.replace(CONFIG, tuning=TuningConfig(num_grad_steps=5))
    with pytest.raises(ValueError, match="`tuning.num_grad_steps` must be at most"):
        asked(longer, subject())
    short = dataclasses.replace(CONFIG, tuning=TuningConfig(num_grad_steps=1))
    with pytest.raises(ValueError, match="`tuning` must be null for energies of noise"):
        asked(short, subject(known.LEVELS))
    fixed = JoinConfig(terms=(AskedConfig(attribute="class", label=(0,)),))
    with pytest.raises(ValueError, match="`tuning` must be null but for"):
        asked(dataclasses.replace(short, joins=(fixed,)), subject())
    with pytest.raises(ValueError, match="`learning_rate` must be"):
        TuningConfig(learning_rate=0.0)
