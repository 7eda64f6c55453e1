"""Chain diagnostics: hand-made states, and processes with known answers."""

import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS, Box, OpenSpace
from ebm_tf.metrics import chains


def test_saturated_share_counts_both_ends():
    x = tf.constant([[0.0, 1.0, 0.5, 0.25], [0.3, 0.4, 0.5, 0.6], [0.0, 0.0, 1.0, 1.0]])
    np.testing.assert_array_equal(chains.saturated_share(x, PIXELS), [0.5, 0.0, 1.0])


def test_saturated_share_is_of_levels_0_and_255_for_stored_images():
    levels = tf.cast(tf.range(256), tf.uint8)[:, None]
    share = chains.saturated_share(PIXELS.center(levels), PIXELS).numpy()
    np.testing.assert_array_equal(np.flatnonzero(share), [0, 255])


def test_saturated_share_follows_the_box():
    box = Box(low=-2.0, high=6.0, num_levels=None)
    x = tf.constant([[-2.0], [-1.99], [-1.98], [0.0], [1.0], [5.99], [6.0]])
    share = chains.saturated_share(x, box)
    np.testing.assert_array_equal(share, [1, 1, 0, 0, 0, 1, 1])


def test_saturated_share_is_of_the_outermost_levels_and_none_in_an_open_space():
    box = Box(low=-1.0, high=1.0, num_levels=17)
    levels = tf.cast(tf.range(17), tf.uint8)[:, None]
    share = chains.saturated_share(box.center(levels), box).numpy()
    np.testing.assert_array_equal(np.flatnonzero(share), [0, 16])
    space = OpenSpace(mean=0.0, std=1.0)
    found = chains.saturated_share(tf.constant([[0.0], [1e9]]), space)
    np.testing.assert_array_equal(found, [0.0, 0.0])


def test_movements_by_hand():
    start = tf.zeros([2, 2, 2, 1])
    end = tf.reshape(
        tf.constant([3.0, -4.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]), [2, 2, 2, 1]
    )
    np.testing.assert_allclose(chains.mean_movement(start, end), [1.75, 1.0])
    np.testing.assert_allclose(chains.rms_movement(start, end), [2.5, 1.0])


def test_diversity_is_the_rms_distance_over_all_pairs():
    x = np.random.default_rng(0).normal(size=[7, 3, 2]).astype(np.float32)
    squares = [np.mean((a - b) ** 2) for i, a in enumerate(x) for b in x[i + 1 :]]
    expected = math.sqrt(np.mean(squares))
    assert float(chains.diversity(tf.constant(x))) == pytest.approx(expected, rel=1e-5)
    assert float(chains.diversity(tf.ones([5, 4]))) == 0.0


def test_diversity_of_one_state_is_refused():
    with pytest.raises(ValueError, match="`x` must be two states"):
        chains.diversity(tf.zeros([1, 3]))


def test_all_run_inside_a_compiled_function():
    @tf.function(input_signature=[tf.TensorSpec([None, 4, 4, 1])] * 2, autograph=False)
    def all_of(start, end):
        return (
            chains.saturated_share(end, PIXELS),
            chains.mean_movement(start, end),
            chains.rms_movement(start, end),
            chains.diversity(end),
        )

    share, mean, rms, spread = all_of(tf.zeros([3, 4, 4, 1]), tf.ones([3, 4, 4, 1]))
    np.testing.assert_array_equal([share, mean, rms], np.ones([3, 3]))
    assert float(spread) == 0.0


def _autoregression(decay, num_times, num_chains):
    """A stationary AR(1) of variance 1: one draw in (1 + a) / (1 - a) counts."""
    noise = rng.normal(rng.make_seed(3), [num_times, num_chains]).numpy()
    x = np.empty_like(noise)
    x[0] = noise[0]
    for time in range(1, num_times):
        x[time] = decay * x[time - 1] + math.sqrt(1 - decay**2) * noise[time]
    return tf.constant(x)


@pytest.mark.parametrize("decay", [0.0, 0.5, 0.8])
def test_effective_sample_size_of_an_autoregression(decay, capfd):
    num_times, num_chains = 2000, 8
    trace = _autoregression(decay, num_times, num_chains)
    found = float(chains.effective_sample_size(trace))
    assert "casting" not in capfd.readouterr().err  # nothing that users need to know
    expected = num_times * num_chains * (1 - decay) / (1 + decay)
    # The integrated time tau = (1 + a) / (1 - a), cut at window M, has a relative
    # standard error of sqrt(2 (2 M + 1) / draws); the cut comes within 6 tau.
    window = 6 * (1 + decay) / (1 - decay)
    tolerance = 4 * math.sqrt(2 * (2 * window + 1) / (num_times * num_chains))
    assert tolerance < 0.5  # small enough to tell tau = 1 from 3, and 3 from 9
    assert abs(found / expected - 1) < tolerance


def test_scale_reduction_tells_chains_that_agree_from_chains_that_do_not():
    num_times, num_chains = 500, 8
    trace = _autoregression(0.0, num_times, num_chains)
    agree = float(chains.potential_scale_reduction(trace))
    # With m half-chains of n draws, R^2 = (n - 1) / n + (m + 1) / m * b / n, where b
    # is a chi-square of m - 1 over m - 1: of mean 1 and variance 2 / (m - 1).
    m, n = 2 * num_chains, num_times / 2
    tolerance = (1 / m + 4 * (m + 1) / m * math.sqrt(2 / (m - 1))) / (2 * n)
    assert abs(agree - 1) < tolerance < 0.01
    apart = trace + tf.constant([0.0] * 4 + [3.0] * 4)
    found = float(chains.potential_scale_reduction(apart))
    # The variance of the means is now that of the offsets, 3^2 / 4, unbiased.
    between = 9 / 4 * m / (m - 1)
    expected = math.sqrt((n - 1) / n + (m + 1) / m * between)
    assert found == pytest.approx(expected, rel=0.1)


def test_scale_reduction_is_the_formula_of_its_docstring():
    trace = np.random.default_rng(0).normal(size=[10, 3]) + [0.0, 1.0, 2.0]
    halves = np.concatenate([trace[:5], trace[5:]], axis=1)
    n, m = halves.shape
    between, within = halves.mean(0).var(ddof=1), halves.var(0, ddof=1).mean()
    expected = math.sqrt((n - 1) / n + (m + 1) / m * between / within)
    found = float(chains.potential_scale_reduction(tf.constant(trace)))
    assert found == pytest.approx(expected, rel=1e-6)
    without = math.sqrt((n - 1) / n + between / within)
    assert without * (1 + 1e-3) < found < without * (1 + 1 / (2 * m))


def test_scale_reduction_sees_a_trend_that_all_chains_share():
    trend = tf.linspace(0.0, 5.0, 400)[:, None]
    trace = _autoregression(0.0, 400, 4) + trend
    assert float(chains.potential_scale_reduction(trace)) > 1.5


def test_coordinates_are_kept_apart_and_one_that_never_moves_is_nan():
    moving = _autoregression(0.0, 50, 4)
    trace = tf.stack([moving, tf.zeros_like(moving)], axis=-1)
    for diagnostic in (chains.potential_scale_reduction, chains.effective_sample_size):
        found = diagnostic(trace).numpy()
        assert np.isfinite(found[0]) and np.isnan(found[1])


@pytest.mark.parametrize("shape", [(3, 4), (10, 1), (10,)])
def test_traces_too_short_are_refused(shape):
    for diagnostic in (chains.potential_scale_reduction, chains.effective_sample_size):
        with pytest.raises(ValueError, match="`trace` must be"):
            diagnostic(tf.zeros(shape))
