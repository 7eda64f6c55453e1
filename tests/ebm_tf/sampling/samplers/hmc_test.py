"""HMC: the pilot that finds a step size, and what is refused."""

import dataclasses
import math

import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.sampling.samplers.hmc import HmcSampler, StepAdaptation

MEAN = tf.constant([0.45, 0.5])
STD = 0.05
TEMPERATURE = 0.5
SEED = rng.make_seed(7)
ADAPT = StepAdaptation(num_steps=60, target_accept=0.8)
ADAPTING = HmcSampler(
    num_steps=20, num_leapfrog=1, step_size=1e-3, temperature=TEMPERATURE, adapt=ADAPT
)


def gaussian(x):
    return 0.5 * tf.reduce_sum(tf.square((x - MEAN) / STD), axis=-1)


def test_the_pilot_finds_the_step_of_the_acceptance_asked_for():
    start = PIXELS.uniform(rng.make_seed(1), (64, 2))
    find = tf.function(ADAPTING.find_step_size, autograph=False)
    step_size = find(gaussian, start, SEED, PIXELS)
    config = ADAPTING.adapted(float(step_size))
    kernel = config.kernel_at(PIXELS)(0)
    x = MEAN + STD * math.sqrt(TEMPERATURE) * rng.normal(SEED, (4000, 2))
    accept = float(tf.reduce_mean(kernel(gaussian, x, rng.make_seed(2)).accept_prob))
    # Acceptance is 0.9999 at the first guess and nearly 0 at twice the step found.
    assert abs(accept - ADAPT.target_accept) < 0.1


def test_a_pilot_that_never_moved_is_told():
    with pytest.raises(
        ValueError, match="`step_size` must be one at which chains move"
    ):
        ADAPTING.adapted(0.0)


def test_a_step_size_that_float32_does_not_tell_from_0_is_refused():
    """No step of an energy that steep is accepted: the pilot came to 1e-16 and less."""
    steep = dataclasses.replace(
        ADAPTING, adapt=StepAdaptation(num_steps=150, target_accept=0.8)
    )

    def cliff(x):  # another number for every state, however near
        return 1e9 * tf.reduce_sum(tf.sin(1e12 * x), axis=-1)

    start = PIXELS.uniform(rng.make_seed(1), (8, 2))
    found = steep.find_step_size(cliff, start, SEED, PIXELS)
    assert float(found) == 0.0
    with pytest.raises(ValueError, match="one at which chains move"):
        steep.adapted(float(found))


def test_a_step_size_still_to_be_found_is_refused():
    with pytest.raises(ValueError, match="`adapt` must be None: adapt the step"):
        ADAPTING.kernel_at(PIXELS)


@pytest.mark.parametrize("target_accept", [0.0, 1.0])
def test_the_target_is_a_probability(target_accept):
    with pytest.raises(ValueError, match="`target_accept` must be"):
        StepAdaptation(num_steps=1, target_accept=target_accept)


@pytest.mark.parametrize(
    "change", [{"num_leapfrog": 0}, {"temperature": 0.0}, {"num_steps": 0}]
)
def test_bad_settings_are_named(change):
    (field,) = change
    with pytest.raises(ValueError, match=f"`{field}` must be"):
        dataclasses.replace(ADAPTING, **change)
