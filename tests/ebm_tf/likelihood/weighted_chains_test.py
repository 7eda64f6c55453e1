"""A second path, from where weighted chains have come."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.energy import analytic
from ebm_tf.likelihood import annealing, base, schedules
from ebm_tf.likelihood.weighted_chains import WeightedChains
from ebm_tf.sampling import hmc

ENERGY = analytic.DiagonalGaussian([0.5, -0.3], [0.8, 1.5])
LOW, HIGH, NUM_CHAINS = 2.0, 50.0, 2000
BETAS = schedules.linear(40)
SEEDS = rng.split(rng.make_seed(0), 4)


def kernel_at(k):
    return functools.partial(hmc.hmc_step, step_size=0.15, num_leapfrog=3)


@pytest.fixture(scope="module")
def arrived():
    """Chains that came from a normal density to `exp(-LOW * E)`."""
    start = base.StandardNormal((2,))

    @tf.function(autograph=False)
    def run(x):
        return annealing.ais_log_weights(
            start, lambda x: LOW * ENERGY(x), kernel_at, BETAS, x, SEEDS[1]
        )

    found = run(start.sample(NUM_CHAINS, SEEDS[0]))
    weights = found.log_weights
    return WeightedChains(lambda x: LOW * ENERGY(x), found.x.numpy(), weights), found


def test_weights_that_go_on_give_log_z_at_every_beta_between(arrived):
    way, found = arrived
    levels = schedules.require_schedule(BETAS)
    level_at = schedules.level_at(levels)
    path = annealing.Path(way, lambda x: HIGH * ENERGY(x), kernel_at, level_at)

    @tf.function(autograph=False)
    def run(x, log_weights):
        return path.forward(
            annealing.begin(x, log_weights), 0, len(BETAS) - 1, SEEDS[2]
        )

    further = run(found.x, found.log_weights)
    betas = LOW + BETAS[1:] * (HIGH - LOW)
    # exp(-beta E) is a Gaussian too, narrower by sqrt(beta) each way.
    exact = ENERGY.log_z() - np.log(betas)
    errors = np.sqrt(1.0 / further.ess - 1.0 / NUM_CHAINS)
    assert 5.0 * errors.max() < 0.5
    assert np.all(np.abs(further.log_mean - exact) < 5.0 * errors)


def test_states_to_look_around_from_follow_the_weights(arrived):
    _, found = arrived
    weights = np.where(np.arange(NUM_CHAINS) < 2, np.log([1.0, 3.0] * 1000), -np.inf)
    way = WeightedChains(ENERGY, found.x.numpy(), weights)
    drawn = way.sample(4000, SEEDS[3]).numpy()
    first, second = (
        np.all(drawn == found.x.numpy()[i], axis=1).mean() for i in range(2)
    )
    assert first + second == 1.0
    assert abs(second - 0.75) < 5.0 * np.sqrt(0.75 * 0.25 / 4000)
    np.testing.assert_array_equal(way.log_prob(found.x), -ENERGY(found.x))
    assert way.state_shape == (2,)
