"""Graphs that ways of other temperatures and inverse temperatures share."""

import functools

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy import analytic
from ebm_tf.likelihood import base, pilot, schedules, space
from ebm_tf.model_likelihood.annealer import Annealer
from ebm_tf.model_likelihood.graphs import Graphs
from ebm_tf.sampling import hmc
from ebm_tf.training import distribution

SLOPE = np.array([4.0, -3.0, 2.0], np.float32)
START = base.Uniform(PIXELS, (3,))
SEED = rng.make_seed(0)


def kernel_of(step_size):
    return functools.partial(hmc.hmc_step, step_size=step_size, num_leapfrog=2)


def graphs(posed):
    """Returns graphs to a linear energy at any beta; `posed` gets those that it is."""
    target = analytic.LinearOnBox(SLOPE, PIXELS)

    def pose(beta):
        posed.append(beta)
        return space.pose(
            "logits", START, lambda x: beta * target(x), kernel_of, PIXELS
        )

    return Graphs(pose, distribution.make_strategy("one"), jit=False)


def path(num):
    return pilot.Pilot(schedules.linear(num), np.full(num + 1, 0.5), np.ones(num + 1))


def run(way, num):
    return Annealer(way, path(num), report=lambda num: None).forward(1000, SEED)


def test_one_graph_gives_log_z_at_each_inverse_temperature():
    posed = []
    shared = graphs(posed)
    found = {}
    for beta, num in ((1.0, 20), (2.0, 20), (3.0, 40)):
        found[beta] = run(shared.at(beta), num)
    assert sum(not isinstance(beta, tf.__internal__.EagerTensor) for beta in posed) == 1
    for beta, one in found.items():
        log_z = analytic.LinearOnBox(beta * SLOPE, PIXELS).log_z()
        error = np.sqrt(1.0 / one.ess[-1] - 1.0 / 1000)
        # Those of two inverse temperatures are more than a nat apart.
        assert 5.0 * error < 0.5 and abs(one.log_mean[-1] - log_z) < 5.0 * error


def test_a_way_has_the_moves_of_its_own_inverse_temperature():
    shared = graphs([])
    x = shared.at(1.0).moves.sample(5, SEED)
    energies = [shared.at(beta).moves.energies(x) for beta in (0.0, 1.0, 3.0)]
    np.testing.assert_allclose(energies[0][0], energies[2][0])
    none, once, three_times = (target for _, target in energies)
    np.testing.assert_allclose(three_times - none, 3.0 * (once - none), rtol=1e-4)


def test_another_base_leads_to_the_same_target():
    way = graphs([]).at(2.0)
    other = way.from_base(way.problem.base)
    assert other.graphs is not way.graphs and other.beta == way.beta
    np.testing.assert_array_equal(run(other, 20).log_weights, run(way, 20).log_weights)
