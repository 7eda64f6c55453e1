"""HMC and MALA as functions: stationary, and without a memory."""

import functools
import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.energy import analytic
from ebm_tf.sampling import hmc

# Both with leapfrog steps of length 1, so that leaving out the correction would
# give a standard normal the variance 1 / (1 - 1/4) = 4/3. Not with three of them:
# they turn by exactly half a circle, and nothing is ever rejected.
KERNELS = {
    "hmc": functools.partial(hmc.hmc_step, step_size=1.0, num_leapfrog=2),
    "mala": functools.partial(hmc.mala_step, step_size=1.0),
}


def quadratic(x):
    return 0.5 * tf.reduce_sum(tf.square(x), axis=-1)


def run(kernel, energy_fn, x, num, seed=0):
    @tf.function(autograph=False)
    def chain(x):
        for k in range(num):
            x = kernel(energy_fn, x, rng.fold_in(rng.make_seed(seed), k)).x
        return x

    return chain(x)


@pytest.mark.parametrize("name", KERNELS)
def test_stationary_variance_is_the_target_s(name):
    num_chains = 20_000
    x = rng.normal(rng.make_seed(1), [num_chains, 2])
    x = run(KERNELS[name], quadratic, x, num=12).numpy()
    tolerance = 5.0 * math.sqrt(2.0 / num_chains)
    assert tolerance < 0.5 * (4.0 / 3.0 - 1.0)  # sees a missing correction
    assert np.all(np.abs(x.var(axis=0) - 1.0) < tolerance)
    assert np.all(np.abs(x.mean(axis=0)) < 5.0 / math.sqrt(num_chains))


@pytest.mark.parametrize("name", KERNELS)
def test_target_that_is_no_gaussian_stays_invariant(name):
    num_chains = 20_000
    energy = analytic.DoubleWell(2.0, 0.7)
    kernel = {
        "hmc": functools.partial(hmc.hmc_step, step_size=0.3, num_leapfrog=3),
        "mala": functools.partial(hmc.mala_step, step_size=0.15),
    }[name]
    start = energy.sample(num_chains, rng.make_seed(2))
    moved = run(kernel, energy, start, num=10).numpy().astype(np.float64)
    start = start.numpy().astype(np.float64)
    assert np.mean(np.any(moved != start, axis=1)) > 0.9
    for power in (1, 2, 4):
        # Correlated samples of one law: their difference has this error.
        difference = moved**power - start**power
        error = difference.std(axis=0) / math.sqrt(num_chains)
        assert np.all(np.abs(difference.mean(axis=0)) < 5.0 * error)
        assert np.all(5.0 * error < 0.1 * (start**power).std(axis=0))


@pytest.mark.parametrize("name", KERNELS)
def test_one_step_is_reversible(name):
    # From the target, (x, x') and (x', x) have one law; skewed, so that it shows.
    num_chains = 50_000
    energy = analytic.GaussianMixture([1.0, 1.0], [[0.0], [2.5]], [[1.0], [0.4]])
    x = energy.sample(num_chains, rng.make_seed(3))
    kernel = {
        "hmc": functools.partial(hmc.hmc_step, step_size=0.4, num_leapfrog=3),
        "mala": functools.partial(hmc.mala_step, step_size=0.3),
    }[name]
    moved = kernel(energy, x, rng.make_seed(4)).x.numpy()[:, 0].astype(np.float64)
    x = x.numpy()[:, 0].astype(np.float64)
    flow = np.tanh(x) * moved**2 - np.tanh(moved) * x**2
    error = flow.std() / math.sqrt(num_chains)
    assert 5.0 * error < 0.05 * np.mean(np.abs(np.tanh(x)) * x**2)
    assert abs(flow.mean()) < 5.0 * error


@pytest.mark.parametrize("name", KERNELS)
def test_nothing_is_remembered_of_another_energy(name):
    x = rng.normal(rng.make_seed(5), [500, 2])
    weight = tf.Variable(1.0)

    def energy(x):
        return weight * quadratic(x)

    kernel = tf.function(
        lambda x, seed: KERNELS[name](energy, x, seed), autograph=False
    )
    fresh = kernel(x, rng.make_seed(6))
    weight.assign(30.0)
    other = kernel(x, rng.make_seed(6))
    weight.assign(1.0)
    again = kernel(x, rng.make_seed(6))
    np.testing.assert_array_equal(fresh.x, again.x)
    np.testing.assert_array_equal(fresh.accept_prob, again.accept_prob)
    assert float(tf.reduce_mean(other.accept_prob)) < 0.2


def test_mala_is_hmc_with_one_leapfrog_step():
    x = rng.normal(rng.make_seed(7), [40_000, 2])
    one = hmc.mala_step(quadratic, x, rng.make_seed(8), step_size=0.8).accept_prob
    two = hmc.hmc_step(
        quadratic, x, rng.make_seed(9), step_size=math.sqrt(0.8), num_leapfrog=1
    ).accept_prob
    error = math.hypot(np.std(one), np.std(two)) / math.sqrt(len(x))
    assert 5.0 * error < 0.02  # step sizes apart by a factor of two give 0.15
    assert abs(np.mean(one) - np.mean(two)) < 5.0 * error


def test_accept_prob_is_the_probability_to_move():
    x = rng.normal(rng.make_seed(10), [40_000, 2])
    step = KERNELS["hmc"](quadratic, x, rng.make_seed(11))
    accept = step.accept_prob.numpy()
    assert accept.min() >= 0.0 and accept.max() <= 1.0
    moved = np.any(step.x.numpy() != x.numpy(), axis=1)
    tolerance = 5.0 * math.sqrt(np.mean(accept * (1.0 - accept)) / len(x))
    assert tolerance < 0.2 * (1.0 - accept.mean())
    assert abs(moved.mean() - accept.mean()) < tolerance


def test_energy_that_is_not_finite_is_never_entered():
    def walled(x):
        return tf.where(x[:, 0] > 0.0, quadratic(x), np.nan)

    x = tf.abs(rng.normal(rng.make_seed(12), [2000, 2]))
    step = KERNELS["hmc"](walled, x, rng.make_seed(13))
    assert np.all(step.x.numpy()[:, 0] > 0.0)
    assert np.all(np.isfinite(step.accept_prob))


def test_step_size_may_differ_by_coordinate():
    scale = tf.constant([1.0, 1000.0])
    x = rng.normal(rng.make_seed(14), [2000, 2]) * scale
    step = hmc.hmc_step(
        lambda x: quadratic(x / scale),
        x,
        rng.make_seed(15),
        step_size=0.7 * scale,
        num_leapfrog=2,
    )
    moved = tf.math.reduce_std(step.x - x, axis=0) / scale
    np.testing.assert_allclose(moved[0], moved[1], rtol=0.1)
    assert float(moved[0]) > 0.5


def test_no_gradient_reaches_the_energy():
    scale = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        step = KERNELS["hmc"](
            lambda x: scale * quadratic(x), tf.ones([2, 2]), rng.make_seed(0)
        )
    assert tape.gradient(step.x, scale) is None


def test_image_shaped_states_and_equal_seeds():
    def energy(x):
        return tf.reduce_sum(tf.square(x), axis=[1, 2, 3])

    x = rng.uniform(rng.make_seed(1), [3, 4, 4, 1])
    kernel = functools.partial(hmc.hmc_step, step_size=0.1, num_leapfrog=2)
    eager = kernel(energy, x, rng.make_seed(2))
    graph = tf.function(lambda x: kernel(energy, x, rng.make_seed(2)))(x)
    assert eager.x.shape == x.shape and eager.accept_prob.shape == (3,)
    np.testing.assert_allclose(eager.x, graph.x, rtol=1e-5)


@pytest.mark.parametrize(
    "call, message",
    [
        (
            lambda x: hmc.hmc_step(
                quadratic, x, rng.make_seed(0), step_size=-0.1, num_leapfrog=1
            ),
            r"`step_size` must be positive. Received: step_size=-0.1",
        ),
        (
            lambda x: hmc.hmc_step(
                quadratic, x, rng.make_seed(0), step_size=0.1, num_leapfrog=0
            ),
            r"`num_leapfrog` must be at least 1",
        ),
        (
            lambda x: hmc.mala_step(quadratic, x, rng.make_seed(0), step_size=0.0),
            r"`step_size` must be positive",
        ),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(tf.zeros([2, 2]))
