"""Energies and slopes of parabolas, batch by batch."""

import numpy as np
import pytest

from ebm_tf.conditions import Classes, NoiseLevel, Several
from ebm_tf.studies.common import energies
from tests.ebm_tf.studies import known

SPACE = Several({"labels": Classes(3), "noise_level": NoiseLevel(0.1, 1.0)})


def test_energies_of_a_label_or_of_the_nearest_class():
    x, labels = known.states(30, 0.05, 1)
    found = energies.Evaluator(known.subject(known.energy(width=0.5)))
    gaps = x.reshape(30, 1, 4) - known.CENTRES
    each = 2.0 * np.square(gaps).sum(axis=2)
    np.testing.assert_allclose(found.of_classes(x), each, rtol=1e-4, atol=1e-6)
    own = each[np.arange(30), labels]
    np.testing.assert_allclose(found.energies(x, labels), own, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(
        found.energies(x), each.min(axis=1), rtol=1e-4, atol=1e-6
    )
    slopes = 4.0 * np.linalg.norm(gaps, axis=2)
    nearest = slopes[np.arange(30), each.argmin(axis=1)]
    np.testing.assert_allclose(found.slopes(x), nearest, rtol=1e-4)


def test_conditions_of_labels_and_a_level():
    made = energies.condition_of(SPACE, 2, np.array([2, 1], np.int32), 0.5)
    np.testing.assert_array_equal(made["labels"], [2, 1])
    np.testing.assert_array_equal(made["noise_level"], [0.5, 0.5])
    made = energies.condition_of(SPACE, 2)
    np.testing.assert_array_equal(made["labels"], [0, 0])
    np.testing.assert_allclose(made["noise_level"], [0.1, 0.1])
    assert energies.condition_of(None, 2, np.array([2, 1]), 0.5) is None


def test_levels_that_there_are():
    energies.require_level(SPACE, 0.5)
    energies.require_level(SPACE, None)
    energies.require_level(None, None)
    with pytest.raises(ValueError, match="`level` must be one of the energy's noise"):
        energies.require_level(SPACE, 1.5)
    with pytest.raises(ValueError, match="`level` must be null"):
        energies.require_level(Classes(3), 0.5)


def test_examples_are_drawn_once_each_by_the_seed(tmp_path):
    examples = known.examples(tmp_path, num=12)["train"]
    drawn = energies.choose(examples, 5, 1)
    assert len(np.unique(drawn.stored, axis=0)) == 5 and drawn.labels.shape == (5,)
    again, other = energies.choose(examples, 5, 1), energies.choose(examples, 5, 2)
    np.testing.assert_array_equal(drawn.stored, again.stored)
    assert not np.array_equal(drawn.stored, other.stored)
    assert len(energies.choose(examples, 100, 1).stored) == 12
    assert [part.stop for part in energies.batches(5, 2)] == [2, 4, 5]
