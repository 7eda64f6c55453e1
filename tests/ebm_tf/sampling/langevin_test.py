"""The paper's step against hand counts, and chains on a Gaussian."""

import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.sampling import langevin
from ebm_tf.sampling.config import LangevinConfig

SEED = rng.make_seed(3)


def config(**changes):
    fields = {"num_steps": 1, "step_size": 0.1, "noise_std": 0.0, "grad_clip": None}
    return LangevinConfig(**fields | changes)


def quadratic(x):
    return 0.5 * tf.reduce_sum(tf.square(x), axis=-1)


def test_step_without_noise_is_a_clipped_and_clamped_descent():
    # dE/dx = x: clipped to 0.5, times 0.1, then clamped to [0, 1].
    x = tf.constant([[0.2, 0.9, 3.0]])
    x = langevin.langevin_step(quadratic, x, SEED, config(grad_clip=0.5), PIXELS)
    np.testing.assert_allclose(x, [[0.18, 0.85, 1.0]], rtol=1e-6)


def test_noise_comes_before_the_gradient():
    # y = x + n and x' = y - h * y, so x' = (1 - h) (x + n): noise shrinks too.
    x = tf.zeros([1, 3])
    noisy = config(noise_std=2.0)
    noise = 2.0 * rng.normal(SEED, [1, 3])
    moved = langevin.langevin_step(quadratic, x, SEED, noisy, None)
    np.testing.assert_allclose(moved, 0.9 * noise, rtol=1e-6)


def test_stationary_variance_is_the_discretized_one():
    # x' = (1 - h)(x + s n) has variance v = (1 - h)^2 (v + s^2).
    chains, h, s = 40_000, 0.5, 1.0
    expected = (1 - h) ** 2 * s**2 / (1 - (1 - h) ** 2)
    tolerance = 5.0 * expected * math.sqrt(2.0 / chains)  # 5 standard errors
    noise_last = s**2 / (1 - (1 - h) ** 2)  # what noise after the step would give
    assert tolerance < 0.1 * abs(noise_last - expected)
    many = config(num_steps=60, step_size=h, noise_std=s)
    x = langevin.langevin_chain(quadratic, tf.zeros([chains, 1]), SEED, many, None)
    assert abs(float(tf.math.reduce_variance(x)) - expected) < tolerance


def test_small_steps_sample_the_stated_temperature():
    # Variance of exp(-x^2 / (2 T)) is T; the bias of the step is of order h.
    chains, h = 20_000, 0.02
    small = config(num_steps=400, step_size=h, noise_std=0.3)
    x = langevin.langevin_chain(quadratic, tf.zeros([chains, 1]), SEED, small, None)
    error = 5.0 * math.sqrt(2.0 / chains)
    variance = float(tf.math.reduce_variance(x))
    assert abs(variance / small.temperature - 1.0) < 2.0 * h + error
    assert 2.0 * h + error < 0.5  # sees a factor of two in the temperature


def test_pieces_of_a_chain_are_the_whole():
    whole_config = config(num_steps=7, noise_std=0.1)
    x = tf.random.stateless_uniform([4, 2], [0, 1])
    whole = langevin.langevin_chain(quadratic, x, SEED, whole_config, PIXELS)
    for first, num in ((0, 3), (3, 4)):
        x = langevin.langevin_steps(
            quadratic, x, SEED, whole_config, PIXELS, first=first, num_steps=num
        )
    np.testing.assert_array_equal(x, whole)


def test_equal_seeds_give_equal_chains_in_a_graph_too():
    noisy = config(num_steps=5, noise_std=0.1)

    def run():
        return langevin.langevin_chain(quadratic, tf.ones([4, 2]), SEED, noisy, None)

    np.testing.assert_array_equal(run(), run())
    np.testing.assert_allclose(run(), tf.function(run)(), rtol=1e-6)


def test_no_gradient_leaves_the_chain():
    scale, start = tf.Variable(1.0), tf.Variable(tf.ones([2, 2]))
    with tf.GradientTape() as tape:
        x = langevin.langevin_chain(
            lambda x: scale * quadratic(x), start + 0.0, SEED, config(), None
        )
    assert tape.gradient(x, [scale, start]) == [None, None]


def test_steps_on_the_tape_have_the_same_numbers_and_their_derivative():
    # E = w x^2 / 2, no noise: x' = (1 - h w) x, so dx_n/dw = -n h (1 - h w)^(n-1) x.
    weight, x = tf.Variable(2.0), tf.Variable([[3.0]])
    plain = config(num_steps=5)

    def through(first, num_steps):
        return langevin.langevin_steps_through(
            lambda x: weight * quadratic(x),
            x + 0.0,
            SEED,
            plain,
            None,
            first=first,
            num_steps=num_steps,
        )

    with tf.GradientTape() as tape:
        end = tf.function(through)(2, 3)
    np.testing.assert_allclose(end, [[3.0 * 0.8**3]], rtol=1e-6)
    by_weight, by_start = tape.gradient(end, [weight, x])
    assert float(by_weight) == pytest.approx(-3 * 0.1 * 0.8**2 * 3.0)
    assert float(by_start[0, 0]) == pytest.approx(0.8**3)
    noisy = config(num_steps=5, noise_std=0.1)
    pieces = [
        f(quadratic, x + 0.0, SEED, noisy, PIXELS, first=1, num_steps=4)
        for f in (langevin.langevin_steps, langevin.langevin_steps_through)
    ]
    np.testing.assert_array_equal(*pieces)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"num_steps": 0}, "`num_steps` must be at least 1. Received: num_steps=0"),
        ({"step_size": -0.1}, "`step_size` must be positive. Received: step_size=-0.1"),
        ({"noise_std": -1}, "`noise_std` must be at least 0. Received: noise_std=-1"),
        ({"grad_clip": 0}, "`grad_clip` must be positive. Received: grad_clip=0"),
        (
            {"step_size": math.nan},
            "`step_size` must be finite. Received: step_size=nan",
        ),
    ],
)
def test_bad_settings_name_the_argument_and_its_value(change, text):
    with pytest.raises(ValueError) as error:
        config(**change)
    assert str(error.value) == text
