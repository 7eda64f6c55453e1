"""The loop over steps: which steps it runs, what it carries, keeps and cuts."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.sampling.driver import Adaptation, run_chain, run_chain_through
from ebm_tf.types import Step

SEED = rng.make_seed(3)
START = tf.constant([[0.0], [10.0]])


def counting(k):
    """Step k adds `10**k`, and accepts with probability `k / 10`."""

    def kernel(energy_fn, x, seed):
        prob = tf.fill([x.shape[0]], tf.cast(k, tf.float32) / 10.0)
        return Step(x + 10.0 ** tf.cast(k, tf.float32), prob)

    return kernel


def test_steps_are_those_asked_for_and_acceptance_is_their_mean():
    chain = run_chain(counting, None, START, SEED, first=1, num_steps=3)
    np.testing.assert_allclose(chain.x, [[1110.0], [1120.0]])
    np.testing.assert_allclose(chain.accept_prob, [0.2, 0.2], rtol=1e-6)
    assert chain.adapted == () and chain.states == ()
    still = run_chain(counting, None, START, SEED, num_steps=0)
    np.testing.assert_array_equal(still.x, START)
    np.testing.assert_array_equal(still.accept_prob, [0.0, 0.0])


def test_each_step_has_a_seed_of_its_own():
    def kernel(energy_fn, x, seed):
        return Step(x + rng.normal(seed, x.shape), tf.ones(x.shape[:1]))

    end = run_chain(lambda k: kernel, None, START, SEED, first=4, num_steps=2).x
    noise = [rng.normal(rng.fold_in(SEED, k), START.shape) for k in (4, 5)]
    np.testing.assert_allclose(end, START + noise[0] + noise[1], rtol=1e-6)


@pytest.mark.parametrize(
    ("every", "kept"),
    [(1, [0, 1, 11, 111, 1111]), (2, [0, 11, 1111]), (3, [0, 111, 1111])],
)
def test_every_kth_state_is_kept_and_the_end(every, kept):
    run = tf.function(run_chain, autograph=False)
    chain = run(counting, None, START, SEED, num_steps=4, every=every)
    np.testing.assert_allclose(chain.states[:, 0, 0], kept)
    np.testing.assert_array_equal(chain.states[-1], chain.x)


@pytest.mark.parametrize("every", [0, 5])
def test_states_that_there_are_not_cannot_be_kept(every):
    with pytest.raises(ValueError, match="`every` must be"):
        run_chain(counting, None, START, SEED, num_steps=4, every=every)


def test_what_adapts_is_carried_from_step_to_step():
    def kernel_at(k, size):
        def kernel(energy_fn, x, seed):
            return Step(x + size[:, None], tf.constant([1.0, 0.0]))

        return kernel

    sampler = Adaptation(
        tf.constant([1.0, 1.0]),
        kernel_at,
        lambda size, step: size * tf.where(step.accept_prob > 0.5, 2.0, 0.5),
    )
    chain = run_chain(sampler, None, START, SEED, num_steps=3)
    np.testing.assert_allclose(chain.x, [[7.0], [11.75]])  # 1 + 2 + 4, 1 + 1/2 + 1/4
    np.testing.assert_allclose(chain.adapted, [8.0, 0.125])
    np.testing.assert_allclose(chain.accept_prob, [1.0, 0.0])


WEIGHT = tf.Variable(0.5)


def shrinking(k):
    """Every step halves the states, by a weight that a tape may watch."""
    return lambda energy_fn, x, seed: Step(WEIGHT * x, tf.ones(x.shape[:1]))


@pytest.mark.parametrize("jit", [False, True])
def test_a_chain_on_the_tape_has_a_gradient(jit):
    @tf.function(autograph=False, jit_compile=jit)
    def gradient():
        with tf.GradientTape() as tape:
            x = run_chain_through(shrinking, None, START, SEED, num_steps=3)
            total = tf.reduce_sum(x)
        return tape.gradient(total, WEIGHT), total

    slope, total = gradient()
    assert float(total) == pytest.approx(10.0 * 0.5**3)
    assert float(slope) == pytest.approx(10.0 * 3 * 0.5**2)


def test_any_other_chain_is_cut_from_the_tape():
    @tf.function(autograph=False)
    def gradient():
        with tf.GradientTape() as tape:
            chain = run_chain(shrinking, None, START, SEED, num_steps=3)
            total = tf.reduce_sum(chain.x)
        assert tape.gradient(total, WEIGHT) is None
        return total

    assert float(gradient()) == pytest.approx(10.0 * 0.5**3)
