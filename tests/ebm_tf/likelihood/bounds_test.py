import math

import numpy as np
import pytest

from ebm_tf.likelihood.annealing import AisResult
from ebm_tf.likelihood.bounds import bounds
from ebm_tf.likelihood.replicates import MARKOV

ENERGIES = np.array([[1.0, 3.0, 2.0]])


def run_of(log_weights, ancestors=None) -> AisResult:
    log_weights = np.asarray(log_weights, np.float64)
    if ancestors is None:
        ancestors = np.arange(len(log_weights))
    ends = ancestors, np.zeros(len(log_weights))
    return AisResult(log_weights, log_weights, *[np.zeros(1)] * 3, *ends)


def test_exact_weights_close_the_gap():
    """Every weight Z forward and 1 / Z backward: both sides are the truth."""
    log_z = 0.7
    forward = [[run_of([log_z] * 60)]] * 5
    found = bounds(ENERGIES, forward, np.full([5, 1, 2, 3], -log_z))
    assert found.ais.form == "interval" and found.ais.value == pytest.approx(-2.7)
    assert found.raise_.form == "at_least"
    assert found.raise_.value == pytest.approx(-2.7 - MARKOV / 15)
    assert found.gap.value == pytest.approx(0.0, abs=1e-12)
    assert found.gap.half_width == pytest.approx(0.0, abs=1e-12)
    np.testing.assert_allclose(found.densities, np.tile(-ENERGIES - log_z, [5, 1]))


def test_where_few_chains_hold_the_weight_there_is_a_bound_and_no_gap():
    forward = [[run_of([0.0] * 30)]] * 5
    found = bounds(ENERGIES, forward, np.zeros([5, 1, 1, 3]))
    assert found.ais.form == "at_most" and found.gap is None
    assert found.ais.value == pytest.approx(-2.0 + MARKOV)
    wider = bounds(ENERGIES, forward, np.zeros([5, 1, 1, 3]), num_tried=4)
    assert wider.ais.value == pytest.approx(-2.0 + MARKOV + math.log(4.0))


def test_the_gap_is_what_chains_lost_not_how_images_differ():
    lost = np.array([0.5, 1.0, 1.5]) + np.linspace(-0.2, 0.2, 5)[:, None, None, None]
    forward = [[run_of([0.0] * 60)]] * 5
    found = bounds(100.0 * ENERGIES, forward, -lost)
    assert found.gap.value == pytest.approx(1.0)
    error = np.std(np.linspace(-0.2, 0.2, 5), ddof=1) / math.sqrt(5.0)
    assert found.gap.error == pytest.approx(error)
    assert found.gap.half_width == pytest.approx(2.7764 * error, rel=1e-4)
    assert found.others.error > 50.0  # the images' spread


def test_several_chains_of_an_image_are_averaged_and_classes_mixed():
    weights = np.log([[[[1.0, 1.0, 1.0], [3.0, 3.0, 3.0]]]])
    one = bounds(ENERGIES, [[run_of([0.0] * 4)]], weights)
    assert one.raise_.point == pytest.approx(-2.0 + math.log(2.0))
    both = bounds(
        np.concatenate([ENERGIES, ENERGIES + 1e6]),
        [[run_of([0.0] * 4)] * 2],
        np.concatenate([weights, weights], axis=1),
    )
    assert both.raise_.point == pytest.approx(-2.0)
    assert both.ais.point == pytest.approx(-2.0 - math.log(2.0))
    # Each class has half of the 5 %.
    assert both.ais.value - both.ais.point == pytest.approx(MARKOV + math.log(2.0))


def test_resampled_chains_are_told_by_ancestors():
    chains = run_of([0.0] * 60, ancestors=np.arange(60) // 20)
    weights = np.zeros([10, 1, 1, 3])
    found = bounds(ENERGIES, [[chains]] * 10, weights, resampled=True).ais
    assert found.form == "interval" and found.ess is None and found.num_ancestors == 3


def test_what_is_not_finite_is_named():
    forward, weights = [[run_of([0.0] * 4)]], np.zeros([1, 1, 1, 3])
    with pytest.raises(ValueError, match="`energies` must be finite"):
        bounds(ENERGIES * math.nan, forward, weights)
    with pytest.raises(ValueError, match="`log_weights` must be of at least 2 chains"):
        bounds(ENERGIES, [[run_of([0.0])]], weights)
