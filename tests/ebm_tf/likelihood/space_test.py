import functools

import numpy as np
import pytest

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy import analytic
from ebm_tf.likelihood import annealing, base, estimate, pilot, schedules, space
from ebm_tf.sampling import hmc

SLOPE = np.array([3.0, -2.0, 1.0], np.float32)
TARGET = analytic.LinearOnBox(SLOPE, PIXELS)
GAUSSIAN = base.LogitGaussian(np.zeros(3), 4.0 * np.eye(3), PIXELS, (3,))


def kernel_of(step_size):
    return functools.partial(hmc.hmc_step, step_size=step_size, num_leapfrog=3)


@pytest.mark.parametrize(
    "name, start, step",
    [
        ("box", base.Uniform(PIXELS, (3,)), 0.2),
        ("logits", base.Uniform(PIXELS, (3,)), 0.6),
        ("logits", GAUSSIAN, 0.4),
    ],
    ids=["box", "logits", "whitened"],
)
def test_log_z_is_the_same_in_every_space(name, start, step):
    problem = space.pose(name, start, TARGET, kernel_of, PIXELS)
    steps = np.full(31, step)
    run = annealing.ais_log_weights(
        problem.base,
        problem.target_fn,
        pilot.frozen_kernels(problem.kernel_of, steps),
        schedules.linear(30),
        problem.base.sample(400, rng.make_seed(0)),
        rng.make_seed(1),
    )
    found = estimate.log_z_from_forward(run.log_weights)
    assert 5.0 * found.standard_error < 0.4
    assert abs(found.value - TARGET.log_z()) < 5.0 * found.standard_error


@pytest.mark.parametrize("start", [base.Uniform(PIXELS, (3,)), GAUSSIAN])
def test_energies_of_states_that_enter_are_theirs_but_for_the_volume(start):
    x = PIXELS.uniform(rng.make_seed(2), (5, 3))
    problem = space.pose("logits", start, TARGET, kernel_of, PIXELS)
    y = problem.enter(x)
    np.testing.assert_allclose(problem.leave(y), x, atol=1e-5)
    # Base and target change by the same log volume: their difference does not.
    got = problem.base.log_prob(y) + problem.target_fn(y)
    np.testing.assert_allclose(got, start.log_prob(x) + TARGET(x), atol=2e-4)


def test_on_the_box_states_stay_as_they_are():
    x = PIXELS.uniform(rng.make_seed(2), (5, 3))
    problem = space.pose("box", base.Uniform(PIXELS, (3,)), TARGET, kernel_of, PIXELS)
    np.testing.assert_array_equal(problem.enter(x), x)
    moved = problem.kernel_of(0.5)(TARGET, x, rng.make_seed(0)).x
    assert np.all((moved >= 0.0) & (moved <= 1.0)) and not np.allclose(moved, x)
