"""Areas by hand counts, of an energy that is a sum over pixels."""

import dataclasses

import keras
import numpy as np
import pytest

from ebm_tf import settings
from ebm_tf.box import UNIT, OpenSpace
from ebm_tf.energy.custom import as_energy
from ebm_tf.studies.out_of_distribution import (
    GENERATED,
    OutOfDistributionConfig,
    findings,
)
from tests.ebm_tf.studies import known

CONFIG = OutOfDistributionConfig(
    examples={"darker": "a", "both": "b"},
    generated=(),
    num_images=50,
    num_train=60,
    num_shown=2,
)


def _flat(values):
    values = np.asarray(values, np.float32)[:, None, None, None]
    x = np.broadcast_to(values, [len(values), *known.SHAPE]).copy()
    return x, np.zeros(len(x), np.int32)


def _sets(folder, train, test):
    parts = {"train": train, "validation": train, "test": test}
    return known.examples(folder, made=lambda name: _flat(parts[name]))


@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples")
    x = keras.Input(known.SHAPE)
    total = as_energy(keras.Model(x, keras.ops.sum(x * x, axis=[1, 2, 3])), known.SHAPE)
    test = [0.4, 0.5, 0.6, 0.7]
    return known.subject(
        total,
        examples=_sets(folder / "own", [0.5, 0.6], test),
        others={
            # E = 4 x^2: of the 4 * 2 pairs with test 2 have the test image lower.
            "darker": _sets(folder / "darker", [0.1], [0.1, 0.55]),
            "both": _sets(folder / "both", [0.1], [0.05, 0.95]),
        },
    )


def test_areas_are_those_of_a_hand_count(subject):
    found = CONFIG.run(subject)
    table = found.tables["auroc"]
    assert table["scores"] == ["energy", "typicality", "slope"]
    # Mean training energy 4 (0.25 + 0.36) / 2 = 1.22. Test: 0.64, 1, 1.44, 1.96, so
    # 0.58, 0.22, 0.22, 0.74 away; darker 0.04 and 1.21: 1.18 and 0.01 away; both 0.01
    # and 3.61: 1.21 and 2.39 away. The slope, 2 |x|, ranks as the energy does.
    assert table["sets"]["darker"]["area"] == [2 / 8, 4 / 8, 2 / 8]
    assert table["sets"]["both"]["area"] == [4 / 8, 1.0, 4 / 8]
    # What is best for one set is chosen for the other.
    assert table["sets"]["darker"]["chosen"] == {"score": "typicality", "area": 0.5}
    assert found.details["both"] == {"score": "typicality", "area": 1.0}
    assert found.notes == {"energy": {"darker": 2 / 8, "both": 4 / 8}}
    assert found.arrays["test"].shape == (4, 3)
    assert set(found.figures) == {"auroc", "images"}


def test_of_one_set_no_score_can_be_chosen_by_others():
    assert findings.chosen({"a": np.array([0.2, 0.9])}) == {"a": None}
    areas = {"a": np.array([0.9, 0.8]), "b": np.array([0.1, 0.3])}
    assert findings.chosen(areas) == {"a": 1, "b": 0}


@pytest.mark.parametrize(
    "name, value",
    [
        ("generated", ("clouds",)),
        ("generated", ("noise", "noise")),
        ("examples", {"test": "x"}),
        ("examples", {}),
        ("num_images", 1),
        ("num_levels", 1),
        ("level", 0.0),
    ],
)
def test_bad_settings_are_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        dataclasses.replace(CONFIG, **{name: value})


def test_what_it_is_for(subject):
    assert CONFIG.other_examples() == {"darker": "a", "both": "b"}
    assert "examples" in settings.display_fields(CONFIG)
    assert OutOfDistributionConfig().generated == GENERATED
    with pytest.raises(ValueError, match="`model` must be of images"):
        CONFIG.require_model((5,), None, known.QUIET)
    with pytest.raises(ValueError, match="`level` must be null for an energy without"):
        dataclasses.replace(CONFIG, level=0.5).run(subject)
    open_space = OpenSpace(mean=0.0, std=1.0)
    with pytest.raises(ValueError, match="`space` must be a box"):
        CONFIG.run(dataclasses.replace(subject, space=open_space))
    assert subject.space == UNIT
