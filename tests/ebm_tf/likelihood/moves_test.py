"""The graphs of a pilot run: what they compute, and that pilot runs share them."""

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.energy import analytic
from ebm_tf.likelihood import base, moves, pilot
from ebm_tf.likelihood.config import PilotConfig
from ebm_tf.types import Step

START = base.StandardNormal((2,))
TARGET = analytic.DiagonalGaussian([1.0, -1.0], [0.5, 2.0])
CONFIG = PilotConfig(
    num_chains=8,
    num_moves=1,
    max_step_size=1.0,
    target_accept=0.75,
    min_relative_ess=0.5,
    max_temperatures=100,
)


def test_energies_and_moves_are_those_of_base_and_target():
    def downhill(step_size):
        def kernel(energy_fn, x, seed):
            return Step(x - step_size * energy_fn(x)[:, tf.newaxis], tf.ones(len(x)))

        return kernel

    made = moves.moves(START, TARGET, downhill)
    x = made.sample(3, rng.make_seed(0))
    first, second = made.energies(x)
    np.testing.assert_allclose(
        first, 0.5 * np.sum(x.numpy() ** 2, 1) + np.log(2 * np.pi)
    )
    np.testing.assert_allclose(second, TARGET(x))
    moved = made.move(x, 0.25, 0.1, tf.constant([1.0, 3.0]), rng.make_seed(1)).x
    between = (0.75 * first + 0.25 * second)[:, tf.newaxis]
    np.testing.assert_allclose(moved, x - between * [0.1, 0.3], rtol=1e-5)


def test_pilot_runs_share_one_graph():
    traced = []

    def still(step_size):
        traced.append(step_size)
        return lambda energy_fn, x, seed: Step(x, tf.fill([8], 0.75))

    shared = moves.compiled(START, TARGET, still)
    found = [
        pilot.equal_ess_schedule(shared, CONFIG, rng.make_seed(seed)) for seed in (0, 1)
    ]
    assert len(traced) == 1
    assert found[0].betas[1] != found[1].betas[1]
