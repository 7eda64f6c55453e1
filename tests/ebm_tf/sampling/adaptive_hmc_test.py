"""Step sizes that find the width of a Gaussian, and the Gaussian that comes of it."""

import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import Box
from ebm_tf.sampling.adaptive_hmc import adaptive_hmc_chain
from ebm_tf.sampling.config import AdaptiveHmcConfig

SEED = rng.make_seed(5)
BOX = Box(low=-1000.0, high=1000.0, num_levels=None)
NUM = 500


def settings(**changes):
    fields = {
        "num_leapfrog": 3,
        "step_size": 1.0,
        "target_accept": 0.7,
        "adapt_rate": 0.3,
    }
    return AdaptiveHmcConfig(**fields | changes)


def run(std, temperature=1.0, **changes):
    """Runs chains on N(0, std^2), from exact samples of it."""
    x = std * rng.normal(SEED, [NUM, 2])
    return tf.function(adaptive_hmc_chain, autograph=False)(
        lambda x: temperature * tf.reduce_sum(x * x, axis=1) / (2 * std**2),
        x,
        SEED,
        settings(**changes),
        BOX,
        temperature=temperature,
        num_steps=60,
    )


@pytest.mark.parametrize("std", [0.05, 20.0])
def test_steps_follow_the_width_from_one_that_is_far_off(std):
    # HMC on std * x with steps std * h is HMC on x with steps h, so the same step
    # size, in units of std, is right for both.
    found = run(std)
    unit = run(1.0)
    ratio = np.median(found.step_size) / np.median(unit.step_size) / std
    assert abs(math.log(ratio)) < 0.25
    # They come 20 times too long or too short: without adaptation 0.0 or 1.0 is
    # accepted.
    still = run(std, adapt_rate=1e-9)
    assert abs(float(tf.reduce_mean(still.accept_prob)) - 0.7) > 0.25
    # What was accepted beyond the target is what the step size grew by.
    grown = np.log(found.step_size) / (0.3 * 60)
    np.testing.assert_allclose(found.accept_prob - 0.7, grown, atol=1e-4)


def test_chains_stay_at_their_density_at_any_temperature():
    for temperature in (1.0, 0.01):
        x = run(3.0, temperature).x.numpy()
        error = 5 * 9.0 * math.sqrt(2.0 / x.size)
        assert error < 3.0  # sees a factor of 1.4 in the variance
        assert abs(x.var() - 9.0) < error


def test_one_seed_one_chain_and_no_gradient():
    one, two = run(1.0), run(1.0)
    np.testing.assert_array_equal(one.x, two.x)
    weight = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        end = adaptive_hmc_chain(
            lambda x: weight * tf.reduce_sum(x * x, axis=1),
            tf.ones([2, 2]),
            SEED,
            settings(),
            BOX,
            temperature=1.0,
            num_steps=2,
        ).x
    assert tape.gradient(end, weight) is None


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("num_leapfrog", 0, "at least 1"),
        ("step_size", 0.0, "positive"),
        ("target_accept", 1.0, "below 1"),
        ("adapt_rate", 0.0, "positive"),
    ],
)
def test_bad_settings(field, value, rule):
    with pytest.raises(ValueError, match=f"`{field}` must be {rule}"):
        settings(**{field: value})
