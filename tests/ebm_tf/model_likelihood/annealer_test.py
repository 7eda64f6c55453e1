"""Annealing in pieces gives what annealing at once gives."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy import analytic
from ebm_tf.likelihood import annealing, base, pilot, schedules, space
from ebm_tf.model_likelihood import graphs
from ebm_tf.model_likelihood.annealer import Annealer
from ebm_tf.sampling import hmc
from ebm_tf.training import distribution

NUM = 60  # not a multiple of a stretch
SLOPE = np.array([4.0, -3.0, 2.0, 5.0, 1.0], np.float32)
TARGET = analytic.LinearOnBox(SLOPE, PIXELS)
PATH = pilot.Pilot(schedules.linear(NUM), np.full(NUM + 1, 0.5), np.ones(NUM + 1))
PROBLEM = space.pose(
    "logits",
    base.Uniform(PIXELS, (5,)),
    TARGET,
    lambda step: functools.partial(hmc.hmc_step, step_size=step, num_leapfrog=3),
    PIXELS,
)
SEED = rng.make_seed(4)


def make(strategy, report=lambda num: None):
    way = graphs.alone(PROBLEM, distribution.make_strategy(strategy), jit=False)
    return Annealer(way, PATH, report=report)


@pytest.fixture(scope="module")
def two():
    return make("cpu:2")


def at_once(function, x, seed):
    kernel_at = pilot.frozen_kernels(PROBLEM.kernel_of, PATH.step_sizes)

    @tf.function(autograph=False)
    def run(x):
        return function(PROBLEM.base, PROBLEM.target_fn, kernel_at, PATH.betas, x, seed)

    return run(tf.constant(x))


def test_stretches_give_what_one_forward_run_gives(two):
    passed = []
    found = make("one", passed.append).forward(40, SEED)
    start_seed, seed = rng.split(SEED, 2)
    x = PROBLEM.base.sample(40, start_seed)
    expected = at_once(annealing.ais_log_weights, x, rng.fold_in(seed, 0))
    for name in found._fields:
        np.testing.assert_allclose(
            getattr(found, name), getattr(expected, name), rtol=1e-5, atol=1e-5
        )
    assert sum(passed) == NUM and len(passed) == 3


def test_stretches_give_what_one_reverse_run_gives(two):
    x = TARGET.sample(20, rng.make_seed(1))
    found = make("one").reverse(x.numpy(), SEED)
    expected = at_once(
        annealing.reverse_ais_log_weights, PROBLEM.enter(x), rng.fold_in(SEED, 0)
    )
    np.testing.assert_allclose(found, expected.log_weights, rtol=1e-5, atol=1e-5)


def test_two_replicas_share_the_chains_and_agree_on_log_z(two):
    found = two.forward(399, SEED)
    assert len(found.log_weights) == 400  # a multiple of the replicas
    assert len(np.unique(found.log_weights)) == 400  # with noise of their own
    mean = np.mean(np.exp(found.log_weights))
    error = np.std(np.exp(found.log_weights), ddof=1) / mean / 20.0
    assert 5.0 * error < 0.2
    assert abs(np.log(mean) - TARGET.log_z()) < 5.0 * error
    np.testing.assert_allclose(found.log_mean[-1], np.log(mean))
    ess = np.sum(np.exp(found.log_weights)) ** 2 / np.sum(np.exp(2 * found.log_weights))
    np.testing.assert_allclose(found.ess[-1], ess)
    assert found.accept_prob.shape == (NUM,)


@pytest.mark.parametrize("num", [1, 7])
def test_states_that_replicas_cannot_share_evenly_are_all_weighed(two, num):
    x = TARGET.sample(num, rng.make_seed(1)).numpy()
    found = two.reverse(x, SEED)
    assert found.shape == (num,)
    # Each is an unbiased estimate of p_ann, within some nats of the density.
    exact = -TARGET(tf.constant(x)).numpy() - TARGET.log_z()
    np.testing.assert_allclose(found - TARGET(tf.constant(x)), exact, atol=2.0)
