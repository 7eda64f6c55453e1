"""Reflecting walls: the density on the box is exactly the target's."""

import functools
import math

import numpy as np
import tensorflow as tf

from ebm_tf import fold, rng
from ebm_tf.box import PIXELS, Box, OpenSpace
from ebm_tf.energy import analytic
from ebm_tf.sampling import hmc
from ebm_tf.types import Step

WIDE = Box(low=-1.0, high=3.0, num_levels=None)


def test_fold_is_the_identity_inside_and_a_mirror_outside():
    y = tf.constant([-1.0, 0.0, 2.5, 3.0, 3.5, 7.0, 8.0, -2.0, -9.0])
    expected = [-1.0, 0.0, 2.5, 3.0, 2.5, -1.0, 0.0, 0.0, -1.0]
    np.testing.assert_allclose(fold.fold(y, WIDE), expected, atol=1e-6)


def test_fold_never_leaves_the_box():
    y = 1e3 * rng.normal(rng.make_seed(0), [100_000])
    for box in (PIXELS, WIDE):
        x = fold.fold(y, box).numpy()
        assert x.min() >= box.low and x.max() <= box.high


def test_fold_has_slope_one_or_minus_one():
    y = tf.constant([-0.5, 0.5, 1.5, 2.5])
    with tf.GradientTape() as tape:
        tape.watch(y)
        x = fold.fold(y, PIXELS)
    np.testing.assert_allclose(tape.gradient(x, y), [-1.0, 1.0, -1.0, 1.0])


def clipped(kernel, box):
    """A wrong way to stay in the box, to show that the checks below see it."""

    def step(energy_fn, x, seed):
        moved = kernel(lambda y: energy_fn(box.clip(y)), x, seed)
        return Step(box.clip(moved.x), moved.accept_prob)

    return step


def standard_scores(wrap):
    """Returns how far invariance and reversibility fail, in standard errors."""
    energy = analytic.LinearOnBox([4.0, -1.0], PIXELS)
    num_chains = 20_000
    x = energy.sample(num_chains, rng.make_seed(1))
    kernel = functools.partial(hmc.hmc_step, step_size=0.3, num_leapfrog=3)
    moved = wrap(kernel, PIXELS)(energy, x, rng.make_seed(2)).x
    x, moved = x.numpy().astype(np.float64), moved.numpy().astype(np.float64)
    assert np.mean(np.any(x != moved, axis=1)) > 0.8
    terms = [moved - x, moved**2 - x**2, x**3 * moved - moved**3 * x]
    terms.append((x * moved[:, ::-1] ** 2) - (moved * x[:, ::-1] ** 2))
    scores = [t.mean(axis=0) / t.std(axis=0) * math.sqrt(num_chains) for t in terms]
    return np.abs(np.array(scores))


def test_hmc_on_the_box_is_invariant_and_reversible():
    assert np.all(standard_scores(fold.on_box) < 5.0)
    assert np.max(standard_scores(clipped)) > 20.0  # what the check can see


def test_long_chains_on_the_box_reach_the_target():
    energy = analytic.TruncatedGaussian([0.1, 0.9], [0.4, 0.1], PIXELS)
    kernel = fold.on_box(
        functools.partial(hmc.hmc_step, step_size=0.15, num_leapfrog=3), PIXELS
    )

    @tf.function(autograph=False)
    def chain(x):
        def body(k, x):
            return k + 1, kernel(energy, x, rng.fold_in(rng.make_seed(3), k)).x

        return tf.while_loop(lambda k, _: k < 60, body, (0, x))[1]

    num_chains = 10_000
    x = chain(PIXELS.uniform(rng.make_seed(4), [num_chains, 2])).numpy()
    exact = energy.sample(num_chains, rng.make_seed(5)).numpy()
    for power in (1, 2):
        error = np.hypot((x**power).std(axis=0), (exact**power).std(axis=0))
        error /= math.sqrt(num_chains)
        gap = np.abs((x**power).mean(axis=0) - (exact**power).mean(axis=0))
        assert np.all(gap < 5.0 * error)


def test_an_open_space_has_no_walls():
    space = OpenSpace(mean=0.0, std=1.0)
    y = tf.constant([-7.0, 0.5, 9.0])
    assert fold.fold(y, space) is y

    def kernel(energy_fn, x, seed):
        raise NotImplementedError

    assert fold.on_box(kernel, space) is kernel
