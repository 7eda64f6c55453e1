import math

import numpy as np
import pytest

from ebm_tf.likelihood.annealing import AisResult
from ebm_tf.likelihood.bounds import bounds

ENERGIES = np.array([[1.0, 3.0, 2.0]])


def run_of(log_weights) -> AisResult:
    log_weights = np.asarray(log_weights, np.float64)
    return AisResult(log_weights, log_weights, *[np.zeros(1)] * 3)


def test_exact_weights_close_the_gap():
    """Every weight Z forward and 1 / Z backward: both sides are the truth."""
    log_z = 0.7
    found = bounds(ENERGIES, [run_of([log_z] * 4)], np.full([1, 2, 3], -log_z))
    assert found.ais.value == pytest.approx(-2.0 - log_z)
    assert found.raise_.value == pytest.approx(-2.0 - log_z)
    assert found.gap == pytest.approx(0.0, abs=1e-12)
    assert found.gap_error == pytest.approx(0.0, abs=1e-12)


def test_the_gap_is_what_chains_lost_not_how_images_differ():
    lost = np.array([[[0.5, 1.0, 1.5]]])
    found = bounds(100.0 * ENERGIES, [run_of([0.0] * 4)], -lost)
    assert found.gap == pytest.approx(1.0)
    assert found.gap_error == pytest.approx(0.5 / math.sqrt(3.0))
    assert found.raise_.standard_error > 50.0  # the images' spread


def test_several_chains_of_an_image_are_averaged_and_classes_mixed():
    weights = np.log([[[1.0, 1.0, 1.0], [3.0, 3.0, 3.0]]])
    one = bounds(ENERGIES, [run_of([0.0] * 4)], weights)
    assert one.raise_.value == pytest.approx(-2.0 + math.log(2.0))
    both = bounds(
        np.concatenate([ENERGIES, ENERGIES + 1e6]),
        [run_of([0.0] * 4)] * 2,
        np.concatenate([weights, weights]),
    )
    assert both.raise_.value == pytest.approx(-2.0)
    assert both.ais.value == pytest.approx(-2.0 - math.log(2.0))


def test_error_of_the_gap_is_of_both_sides_and_of_all_classes():
    """Two classes and two images, by hand."""
    # Forward: Z of 2 and 4; relative errors 1/2 and 1/sqrt(12).
    forward = [run_of(np.log([1.0, 3.0])), run_of(np.log([2.0, 6.0, 4.0]))]
    # exp(-E) / Z is 0.3 and 0.1 for one image, 0.05 and 0.45 for the other: their
    # densities are 0.2 and 0.25, the classes' mean shares in them 0.425 and 0.575.
    energies = -np.log([[0.3 * 2, 0.05 * 2], [0.1 * 4, 0.45 * 4]])
    ais_error = math.hypot(0.425 / 2, 0.575 / math.sqrt(12))
    # Backward: densities of 0.15 and 0.05 for one, of 0.025 and 0.075 for the other,
    # so 0.1 and 0.05: ratios of 2 and 5. Each mean is of two chains.
    means = np.array([[0.15, 0.025], [0.05, 0.075]]) / np.exp(-energies)
    backward = np.log(means[:, np.newaxis] * np.array([0.5, 1.5])[:, np.newaxis])
    found = bounds(energies, forward, backward)
    assert found.ais.value == pytest.approx(math.log(0.2 * 0.25) / 2)
    assert found.ais.standard_error == pytest.approx(ais_error)
    assert found.gap == pytest.approx(math.log(2 * 5) / 2)
    # The mean of two differs by half of what they differ by.
    lost_error = math.log(5 / 2) / 2
    assert found.gap_error == pytest.approx(math.hypot(lost_error, ais_error))
    assert 0.2 < ais_error < lost_error < 0.5  # neither is lost in the other


def test_what_is_not_finite_is_named():
    with pytest.raises(ValueError, match="`energies` must be finite"):
        bounds(ENERGIES * math.nan, [run_of([0.0] * 4)], np.zeros([1, 1, 3]))
    with pytest.raises(ValueError, match="`log_weights` must be of at least 2 chains"):
        bounds(ENERGIES, [run_of([0.0])], np.zeros([1, 1, 3]))
