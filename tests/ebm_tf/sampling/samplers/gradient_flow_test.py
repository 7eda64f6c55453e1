"""A flow down a bowl, and Langevin steps in it: both are known."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import UNIT, OpenSpace
from ebm_tf.sampling.driver import run_chain
from ebm_tf.sampling.samplers.gradient_flow import GradientFlowSampler

SPACE = OpenSpace(mean=1.0, std=3.0)
SAMPLER = GradientFlowSampler(
    num_steps=20, time_step=0.05, temperature=0.5, start_std=0.7
)
NUM, CURVATURE = 4000, 2.0


def energy_fn(x):
    return CURVATURE / 2.0 * tf.reduce_sum(tf.square(x - 1.0), axis=1)


def run(sampler, space, x):
    kernel_at = sampler.kernel_at(space)

    @tf.function(autograph=False)
    def chain(x, seed):
        return run_chain(kernel_at, energy_fn, x, seed, num_steps=sampler.num_steps).x

    return chain(x, rng.make_seed(0)).numpy()


def test_up_to_time_1_states_go_down_without_noise():
    x = run(SAMPLER, SPACE, tf.fill([NUM, 1], 9.0))
    left = (1.0 - SAMPLER.time_step * CURVATURE) ** SAMPLER.num_steps
    wanted = SAMPLER.start_std * left
    assert np.std(x - 1.0) == pytest.approx(wanted, rel=4 / np.sqrt(2 * NUM))
    assert abs(x.mean() - 1.0) < 4 * wanted / np.sqrt(NUM)


@pytest.mark.parametrize("start_std", [0.7, None])
def test_then_they_have_the_temperature(start_std):
    sampler = dataclasses.replace(SAMPLER, num_steps=100, start_std=start_std)
    x = run(sampler, SPACE, tf.fill([NUM, 1], 1.0))
    # T / curvature as steps become small; of steps `x' = (1 - a) (x + noise)`:
    a = sampler.time_step * CURVATURE
    exact = sampler.temperature / CURVATURE * (1.0 - a) ** 2 / (1.0 - a / 2.0)
    assert np.var(x) == pytest.approx(exact, rel=4 * np.sqrt(2 / NUM))


def test_a_kept_start_is_hot_from_the_first_step():
    sampler = dataclasses.replace(SAMPLER, num_steps=1, start_std=None)
    x = run(sampler, SPACE, tf.fill([NUM, 1], 1.0))
    std = np.sqrt(2 * 0.05 * 0.5) * (1.0 - 0.05 * CURVATURE)
    assert np.std(x) == pytest.approx(std, rel=4 / np.sqrt(2 * NUM))


def test_from_time_1_on_states_are_in_the_box():
    before = run(dataclasses.replace(SAMPLER, num_steps=19), UNIT, tf.zeros([NUM, 1]))
    assert before.max() > 1.0
    after = run(SAMPLER, UNIT, tf.zeros([NUM, 1]))
    assert after.min() >= 0.0 and after.max() <= 1.0


@pytest.mark.parametrize(
    "changes",
    [
        {"time_step": 0.0},
        {"time_step": 1.1},
        {"temperature": -1.0},
        {"heated_from": 1.5},
        {"start_std": 0.0},
        {"num_steps": 0},
    ],
)
def test_settings_out_of_range_are_refused(changes):
    [name] = changes
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        dataclasses.replace(SAMPLER, **changes)
