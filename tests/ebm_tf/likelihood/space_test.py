import functools

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy import analytic
from ebm_tf.likelihood import (
    annealing,
    base,
    estimate,
    gaussianized,
    pilot,
    schedules,
    scores,
    space,
)
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


class Tilted:
    """A residual energy whose f is linear in z: log Z is |TILT|^2 / 2."""

    TILT = tf.constant([0.5, -1.0, 0.3])

    def __init__(self):
        score_map = scores.Logits(PIXELS)
        self.base = gaussianized.Gaussianized(
            score_map, tf.zeros(3), 2.0 * tf.eye(3), (3,)
        )
        self.enter, self.leave = self.base.enter, self.base.leave

    def latent_energy(self, z):
        return -self.base.latent.log_prob(z) - tf.linalg.matvec(z, self.TILT)

    def __call__(self, x):
        return -self.base.log_prob(x) - tf.linalg.matvec(self.enter(x), self.TILT)


def test_log_z_of_a_residual_energy_is_the_same_from_its_own_base_and_another():
    energy, found = Tilted(), []
    truth = 0.5 * float(tf.reduce_sum(tf.square(energy.TILT)))
    for start in (energy.base, GAUSSIAN):
        problem = space.pose("logits", start, energy, kernel_of, PIXELS)
        run = annealing.ais_log_weights(
            problem.base,
            problem.target_fn,
            pilot.frozen_kernels(problem.kernel_of, np.full(11, 0.5)),
            schedules.linear(10),
            problem.base.sample(1000, rng.make_seed(0)),
            rng.make_seed(1),
        )
        w = np.exp(run.log_weights)
        error = np.std(w) / np.mean(w) / np.sqrt(len(w))
        assert 5 * error < 0.2
        assert abs(np.log(np.mean(w)) - truth) < 5 * error
        found.append(problem.leave(problem.enter(tf.constant([[0.2, 0.5, 0.9]]))))
    assert found[0].numpy() == pytest.approx(found[1].numpy(), abs=1e-6)
