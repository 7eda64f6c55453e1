"""What a pilot run finds, where theory says what it should find."""

import functools
import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import fold, rng
from ebm_tf.box import PIXELS
from ebm_tf.energy import analytic
from ebm_tf.likelihood import annealing, base, moves, pilot, schedules
from ebm_tf.likelihood.config import PilotConfig
from ebm_tf.sampling import hmc
from ebm_tf.types import Step

SEED = rng.make_seed(0)


def config(**changes):
    fields = {
        "num_chains": 1000,
        "num_moves": 4,
        "max_step_size": 1.0,
        "target_accept": 0.75,
        "min_relative_ess": 0.8,
        "max_temperatures": 100,
    }
    return PilotConfig(**fields | changes)


def normal(num_dims):
    return base.StandardNormal((num_dims,))


def kernel_of(step_size):
    return functools.partial(hmc.hmc_step, step_size=step_size, num_leapfrog=2)


def test_equal_ess_gives_equal_steps_between_shifted_gaussians():
    # Along N(0, I) -> N(m, I) the gap of energies has variance |m|**2 at every
    # beta, so the relative ESS of a step d is exp(-d**2 |m|**2).
    num_dims, shift, share = 4, 2.0, 0.8
    target = analytic.DiagonalGaussian(np.full(num_dims, shift), np.ones(num_dims))
    found = pilot.equal_ess_schedule(
        moves.compiled(base.StandardNormal((num_dims,)), target, kernel_of),
        config(),
        SEED,
    )
    expected = math.sqrt(-math.log(share)) / (shift * math.sqrt(num_dims))
    steps = np.diff(found.betas)[:-1]  # the last step takes what is left
    # 1000 chains know a spread to 1 / sqrt(2000); those resampled are worth half.
    assert np.all(np.abs(steps / expected - 1.0) < 5.0 / math.sqrt(1000.0))
    assert found.betas[0] == 0.0 and found.betas[-1] == 1.0
    assert len(found.betas) == pytest.approx(1.0 / expected + 1.0, abs=1.5)


def test_temperatures_crowd_where_the_energy_varies_most():
    # Towards a spike of width 1e-3 the natural scale of beta is its logarithm.
    target = analytic.DiagonalGaussian([0.0], [1e-3])
    found = pilot.equal_ess_schedule(
        moves.compiled(base.StandardNormal((1,)), target, kernel_of), config(), SEED
    )
    assert found.betas[1] < 1e-5
    ratio = found.betas[2:-1] / found.betas[1:-2]
    assert len(ratio) > 5 and np.all(ratio > 1.2)
    assert np.all(np.diff(np.log(found.step_sizes[2:])) < 0.2)
    assert found.step_sizes[-1] < 0.01


def test_frozen_steps_have_the_acceptance_asked_for():
    target = analytic.DiagonalGaussian(np.zeros(50), np.geomspace(0.2, 1.0, 50))
    start = base.StandardNormal((50,))
    settings = config(num_chains=200, num_moves=8)
    found = pilot.adapt_step_sizes(
        moves.compiled(start, target, kernel_of), schedules.linear(12), settings, SEED
    )
    assert len(found.betas) == len(found.step_sizes) == len(found.accept_prob) == 13
    finer = found.refine(30)

    @tf.function(autograph=False)
    def run(x):
        kernel_at = pilot.frozen_kernels(kernel_of, finer.step_sizes)
        return annealing.ais_log_weights(
            start, target, kernel_at, finer.betas, x, rng.make_seed(2)
        )

    accept = run(start.sample(400, rng.make_seed(1))).accept_prob.numpy()
    # 400 chains make a mean good to 0.02; half or twice the step is 0.15 away.
    assert np.all(np.abs(accept[2:] - 0.75) < 0.1)


def test_step_size_is_capped_where_any_would_do():
    kernels = []

    def on_box(step_size):
        kernels.append(step_size)
        return fold.on_box(kernel_of(step_size), PIXELS)

    target = analytic.LinearOnBox([3.0, 1.0], PIXELS)
    found = pilot.equal_ess_schedule(
        moves.compiled(base.Uniform(PIXELS, (2,)), target, on_box),
        config(max_step_size=0.5),
        SEED,
    )
    assert found.step_sizes[0] == pytest.approx(0.5)
    assert np.all(found.step_sizes <= 0.5)
    assert kernels


def test_refine_keeps_ends():
    found = pilot.Pilot(
        np.array([0.0, 0.2, 1.0]), np.array([1.0, 0.1, 0.01]), np.full(3, 0.7)
    )
    finer = found.refine(4)
    np.testing.assert_allclose(finer.betas, [0.0, 0.1, 0.2, 0.6, 1.0])
    np.testing.assert_allclose(finer.step_sizes**2, [1.0, 0.1, 1e-2, 1e-3, 1e-4])
    np.testing.assert_allclose(finer.accept_prob, 0.7)


def test_a_diagonal_mass_is_that_of_the_target():
    """Deviations from 0.03 to 1: one step size for all is too small for most."""
    std = np.geomspace(0.03, 1.0, 6)
    target = analytic.DiagonalGaussian(np.zeros(6), std)
    shared = moves.compiled(normal(6), target, kernel_of)

    def find(adapt_mass):
        settings = config(num_chains=300, min_relative_ess=0.6, adapt_mass=adapt_mass)
        return pilot.equal_ess_schedule(shared, settings, SEED)

    plain, found = find(False), find(True)
    assert plain.scales is None and plain.refine(20).scales is None
    assert found.scales.shape == (len(found.betas), 6)
    finer = found.refine(20).scales
    assert finer.shape == (21, 6)
    np.testing.assert_allclose(np.exp(np.mean(np.log(finer), axis=1)), 1.0)
    np.testing.assert_allclose(finer[[0, -1]], found.scales[[0, -1]])
    # At the start all coordinates are alike; at the end the widest has steps several
    # times as long as the narrowest, which 300 chains tell from the mean variance.
    assert found.scales[0].max() / found.scales[0].min() < 1.3
    assert found.scales[-1][-1] / found.scales[-1][0] > 4.0
    steps = []
    kernel_at = pilot.frozen_kernels(steps.append, found.step_sizes, found.scales)
    kernel_at(1)
    expected = found.step_sizes[1] * found.scales[1]
    np.testing.assert_allclose(steps[0], expected, rtol=1e-6)


def test_jitter_spreads_steps_evenly_below_their_size():
    found = pilot.jitter(np.full(1000, 2.0), 0.6)
    np.testing.assert_array_equal(found, pilot.jitter(np.full(1000, 2.0), 0.6))
    counts = np.histogram(found, bins=10, range=(0.8, 2.0))[0]
    assert counts.sum() == 1000 and np.all(np.abs(counts - 100) <= 3)
    # Neighbours differ, too: a resonance does not last from stop to stop.
    assert np.min(np.abs(np.diff(found))) > 0.3
    np.testing.assert_array_equal(pilot.jitter([1.0, 3.0], 0.0), [1.0, 3.0])
    with pytest.raises(ValueError, match=r"`share` must be below 1"):
        pilot.jitter([1.0], 1.0)


def test_jitter_ends_a_resonance():
    # Two steps that turn a standard normal by half a circle: x goes to -x.
    target = analytic.DiagonalGaussian(np.zeros(20), np.full(20, 1.0001))
    start, num = base.StandardNormal((20,)), 40
    x = start.sample(500, rng.make_seed(1))

    def correlation(share):
        steps = pilot.jitter(np.full(num + 1, math.sqrt(2.0)), share)
        run = annealing.ais_log_weights(
            start,
            target,
            pilot.frozen_kernels(kernel_of, steps),
            schedules.linear(num),
            x,
            rng.make_seed(2),
        )
        radii = [tf.norm(y, axis=1).numpy() for y in (x, run.x)]
        return np.corrcoef(*radii)[0, 1]

    assert correlation(0.0) > 0.99
    assert correlation(0.6) < 5.0 / math.sqrt(500.0)


def test_equal_seeds_give_equal_pilots():
    target = analytic.DiagonalGaussian([1.0], [1.0])

    def run(seed):
        fresh = moves.compiled(base.StandardNormal((1,)), target, kernel_of)
        return pilot.equal_ess_schedule(fresh, config(), rng.make_seed(seed))

    np.testing.assert_array_equal(run(1).betas, run(1).betas)
    assert not np.array_equal(run(1).betas, run(2).betas)


def test_bad_energies_and_budgets_are_named():
    start = base.StandardNormal((1,))
    with pytest.raises(ValueError, match=r"`target_fn` must be finite.*energies that"):
        bad = moves.compiled(start, lambda x: tf.math.log(x[:, 0]), kernel_of)
        pilot.equal_ess_schedule(bad, config(), SEED)
    far = analytic.DiagonalGaussian([50.0], [1.0])
    with pytest.raises(ValueError, match=r"`max_temperatures` must be larger: the"):
        pilot.equal_ess_schedule(
            moves.compiled(start, far, kernel_of), config(max_temperatures=3), SEED
        )
    with pytest.raises(ValueError, match=r"`num_chains` must be at least 2"):
        config(num_chains=1)
    with pytest.raises(ValueError, match=r"`target_accept` must be below 1"):
        config(target_accept=1.0)


def test_a_step_size_that_moves_no_chain_is_refused():
    """Where nothing is accepted the step size falls, to 1e-20 and less."""

    def stuck(step_size):
        return lambda energy_fn, x, seed: Step(x, tf.zeros(tf.shape(x)[:1]))

    target = analytic.DiagonalGaussian(np.zeros(2), np.ones(2))
    few = config(num_chains=8, num_moves=8)
    with pytest.raises(ValueError) as caught:
        never = moves.compiled(base.StandardNormal((2,)), target, stuck)
        pilot.adapt_step_sizes(never, [0.0, 1.0], few, SEED)
    text = str(caught.value)
    assert text.startswith("`pilot.step_size` must be one that moves chains: at beta 0")
    assert "\n" not in text
