"""Bases integrate to one, and their samples have their moments."""

import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS, Box
from ebm_tf.likelihood import base

WIDE = Box(low=-1.0, high=3.0, num_levels=None)

# name: (base, low and high of a square that holds its mass)
PLANAR = {
    "uniform": (base.Uniform(WIDE, (2,)), -1.0, 3.0),
    "standard_normal": (base.StandardNormal((2,)), -7.0, 7.0),
    "truncated": (
        base.TruncatedMixture([1.0], [[0.01, 2.9]], [[0.3, 1.5]], WIDE),
        -1.0,
        3.0,
    ),
    "mixture": (
        base.TruncatedMixture(
            [1.0, 3.0], [[0.1, 0.9], [0.5, 0.3]], [[0.2, 0.1], [5.0, 0.2]], PIXELS
        ),
        0.0,
        1.0,
    ),
    "logit_gaussian": (
        base.LogitGaussian([0.5, -0.3], [[0.5, 0.2], [0.2, 0.4]], WIDE, (2,)),
        -1.0,
        3.0,
    ),
    "in_logits": (
        base.InLogits(
            base.TruncatedMixture([1.0], [[0.6, 0.5]], [[0.1, 0.3]], PIXELS), PIXELS
        ),
        -14.0,
        14.0,
    ),
}


@pytest.mark.parametrize("name", PLANAR)
def test_integrates_to_one_with_the_samples_moments(name):
    density, low, high = PLANAR[name]
    num = 1500
    middle = low + (np.arange(num) + 0.5) * (high - low) / num
    points = np.stack(np.meshgrid(middle, middle, indexing="ij"), -1).reshape(-1, 2)
    log_prob = density.log_prob(tf.constant(points, tf.float32)).numpy()
    mass = np.exp(log_prob.astype(np.float64)) * ((high - low) / num) ** 2
    assert mass.sum() == pytest.approx(1.0, abs=1e-4)
    num_samples = 20_000
    x = density.sample(num_samples, rng.make_seed(4)).numpy().astype(np.float64)
    assert x.shape == (num_samples, 2) == (num_samples, *density.state_shape)
    for function in (lambda z: z, lambda z: z**2, lambda z: z[:, :1] * z[:, 1:]):
        expected = mass @ function(points)
        variance = mass @ function(points) ** 2 - expected**2
        tolerance = 5.0 * np.sqrt(variance / num_samples) + 1e-4
        assert np.all(np.abs(function(x).mean(axis=0) - expected) < tolerance)
        assert np.all(tolerance < np.sqrt(variance) / 5.0)


@pytest.mark.parametrize("name", ["uniform", "truncated"])
def test_the_closed_box_is_covered_and_nothing_else(name):
    density, low, high = PLANAR[name]
    edge = density.log_prob(tf.constant([[low, high], [high, low]]))
    assert np.all(np.isfinite(edge))
    outside = density.log_prob(tf.constant([[low - 0.01, 0.0], [0.0, high + 0.01]]))
    assert np.all(np.isneginf(outside))


def test_log_prob_has_a_finite_gradient_everywhere_inside():
    for density, low, high in PLANAR.values():
        x = tf.constant([[low, 0.5], [0.5, 0.5], [0.4, high]])
        if isinstance(density, base.LogitGaussian):
            x = 0.5 + 0.9 * (x - 0.5)  # its density vanishes at the edge
        with tf.GradientTape() as tape:
            tape.watch(x)
            log_prob = density.log_prob(x)
        assert np.all(np.isfinite(tape.gradient(log_prob, x)))


def test_images_of_tiny_deviation_stay_normalized():
    # The border of a digit: mean 1 / 512, deviation smaller still.
    mean = np.full((1, 28, 28, 1), 1 / 512)
    density = base.TruncatedMixture([1.0], mean, np.full(mean.shape, 1e-3), PIXELS)
    x = density.sample(4, rng.make_seed(0))
    assert x.shape == (4, 28, 28, 1) and float(tf.reduce_min(x)) >= 0.0
    # One coordinate by itself, in one dimension where integration is easy.
    one = base.TruncatedMixture([1.0], [[1 / 512]], [[1e-3]], PIXELS)
    grid = (np.arange(200_000) + 0.5) / 200_000
    log_prob = one.log_prob(tf.constant(grid[:, np.newaxis], tf.float32)).numpy()
    assert np.mean(np.exp(log_prob.astype(np.float64))) == pytest.approx(1, abs=1e-4)


def test_logit_gaussian_and_its_latent_agree():
    density = PLANAR["logit_gaussian"][0]
    z = density.latent.sample(50, rng.make_seed(3))
    x = density.to_box.forward(z)
    log_det = density.to_box.forward_log_det_jacobian(z, event_ndims=1)
    np.testing.assert_allclose(
        density.log_prob(x), density.latent.log_prob(z) - log_det, atol=2e-4
    )
    image = base.LogitGaussian(np.zeros(4), np.eye(4), PIXELS, (2, 2, 1))
    assert image.sample(3, rng.make_seed(1)).shape == (3, 2, 2, 1)
    assert image.log_prob(image.sample(3, rng.make_seed(1))).shape == (3,)


def test_logits_of_the_edge_are_finite_and_the_rest_exact():
    density = base.InLogits(base.Uniform(WIDE, (3,)), WIDE)
    y = density.to_logits(tf.constant([[-1.0, 0.0, 3.0]])).numpy()
    assert np.all(np.isfinite(y))
    np.testing.assert_allclose(density.to_box.forward(y), [[-1.0, 0.0, 3.0]], atol=1e-6)
    np.testing.assert_allclose(y[0, 1], math.log(1.0 / 3.0), rtol=1e-5)


def test_equal_seeds_give_equal_samples():
    for density, _, _ in PLANAR.values():
        first = density.sample(5, rng.make_seed(9))
        np.testing.assert_array_equal(first, density.sample(5, rng.make_seed(9)))
        assert np.any(first != density.sample(5, rng.make_seed(10)))


def test_mixture_weights_may_have_any_sum():
    first = base.TruncatedMixture([1.0, 3.0], [[0.1], [0.5]], [[0.2], [0.3]], PIXELS)
    second = base.TruncatedMixture([2.0, 6.0], [[0.1], [0.5]], [[0.2], [0.3]], PIXELS)
    x = tf.constant([[0.2], [0.7]])
    np.testing.assert_allclose(first.log_prob(x), second.log_prob(x), rtol=1e-6)
    assert math.isfinite(float(first.log_prob(x)[0]))


@pytest.mark.parametrize(
    "make, message",
    [
        (
            lambda: base.TruncatedMixture([1.0], [[0.5]], [[0.0]], PIXELS),
            r"`std` must be positive",
        ),
        (
            lambda: base.TruncatedMixture([1.0], [[1.5]], [[0.1]], PIXELS),
            r"`mean` must be in \[0.0, 1.0\]",
        ),
        (
            lambda: base.TruncatedMixture([1.0, 1.0], [[0.5]], [[0.1]], PIXELS),
            r"`weight` must be of 1 numbers",
        ),
        (
            lambda: base.LogitGaussian([0.0], -np.eye(1), PIXELS, (1,)),
            r"`covariance` must be positive definite",
        ),
        (
            lambda: base.LogitGaussian([0.0], np.eye(1), PIXELS, (2,)),
            r"`mean` must be of 2 numbers",
        ),
    ],
)
def test_bad_arguments_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
