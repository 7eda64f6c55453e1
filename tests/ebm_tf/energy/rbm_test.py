"""The Gaussian-Bernoulli machine against integration and its mixture of Gaussians."""

import itertools
import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.energy import rbm


def machine(num_visible, num_hidden):
    generator = np.random.default_rng(0)
    parts = {
        "weight": generator.normal(0.0, 0.7, (num_visible, num_hidden)),
        "visible_bias": generator.normal(0.0, 0.3, num_visible),
        "hidden_bias": generator.normal(0.0, 1.0, num_hidden),
        "std": generator.uniform(0.7, 1.2, num_visible),
    }
    return rbm.GaussianBernoulliRbm(**parts), parts


def test_log_z_and_moments_agree_with_integration():
    energy, _ = machine(2, 5)
    num, bound = 1500, 15.0
    middle = -bound + (np.arange(num) + 0.5) * 2.0 * bound / num
    points = np.stack(np.meshgrid(middle, middle, indexing="ij"), -1).reshape(-1, 2)
    energies = energy(tf.constant(points, tf.float32)).numpy().astype(np.float64)
    mass = np.exp(-energies) * (2.0 * bound / num) ** 2
    assert math.log(mass.sum()) == pytest.approx(energy.log_z(), abs=2e-5)
    num_samples = 20_000
    x = energy.sample(num_samples, rng.make_seed(3)).numpy().astype(np.float64)
    probability = mass / mass.sum()
    for function in (lambda z: z, lambda z: z**2, lambda z: z[:, :1] * z[:, 1:]):
        expected = probability @ function(points)
        variance = probability @ function(points) ** 2 - expected**2
        tolerance = 5.0 * np.sqrt(variance / num_samples)
        assert np.all(np.abs(function(x).mean(axis=0) - expected) < tolerance)
        assert np.all(tolerance < np.sqrt(variance) / 6.0)


def test_twelve_hidden_units_sum_over_their_states():
    energy, parts = machine(3, 12)
    x = np.random.default_rng(1).normal(size=(4, 3))
    hidden = np.array(list(itertools.product((0.0, 1.0), repeat=12)))
    # minus the energy of each pair of x and h: [4, 4096]
    joint = (
        hidden @ parts["hidden_bias"] + x / parts["std"] @ parts["weight"] @ hidden.T
    )
    scaled = (x - parts["visible_bias"]) / parts["std"]
    joint -= 0.5 * np.sum(scaled**2, axis=1, keepdims=True)
    expected = -np.logaddexp.reduce(joint, axis=1)
    found = energy(tf.constant(x, tf.float32))
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert energy.state_shape == (3,)
    np.testing.assert_allclose(
        energy.log_prob(tf.constant(x, tf.float32)),
        -expected - energy.log_z(),
        rtol=1e-5,
    )


@pytest.mark.parametrize(
    "changes, message",
    [
        (
            {"weight": np.ones((1, 13)), "hidden_bias": np.zeros(13)},
            r"`num_hidden` must be at most 12",
        ),
        ({"weight": np.ones((2, 2))}, r"`weight` must be of shape \(1, 2\)"),
        ({"std": [0.0]}, r"`std` must be positive"),
        ({"std": [1.0, 1.0]}, r"`std` must be of `visible_bias`'s shape"),
    ],
)
def test_bad_arguments_are_named(changes, message):
    parts = {
        "weight": np.ones((1, 2)),
        "visible_bias": [0.0],
        "hidden_bias": np.zeros(2),
        "std": [1.0],
    }
    with pytest.raises(ValueError, match=message):
        rbm.GaussianBernoulliRbm(**parts | changes)
