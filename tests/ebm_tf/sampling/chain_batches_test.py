import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.sampling import chain_batches, langevin
from ebm_tf.sampling.samplers.langevin import LangevinSampler
from ebm_tf.sampling.samplers.mala import MalaSampler

CONFIG = LangevinSampler(num_steps=7, step_size=0.2, noise_std=0.1, grad_clip=0.4)
SEED = rng.make_seed(9)


def bind(labels):
    """A quadratic energy; labels, if there are some, are where its minimum is."""
    center = 0.3 if labels is None else tf.cast(labels, tf.float32)[:, None]
    return lambda x: 0.5 * tf.reduce_sum(tf.square(x - center), axis=-1)


def make_chains(jit=False, config=CONFIG):
    kernel_at = config.kernel_at(PIXELS)
    return chain_batches.ChainBatches(
        lambda labels: chain_batches.Target(bind(labels), kernel_at),
        PIXELS,
        shape=(4, 3),
        seed=SEED,
        jit=jit,
    )


def expected(index, labels):
    noise_seed, chain_seed = rng.split(rng.fold_in(SEED, index), 2)
    start = PIXELS.uniform(noise_seed, (4, 3))

    @tf.function(autograph=False)
    def chain(x):
        return langevin.langevin_chain(bind(labels), x, chain_seed, CONFIG, PIXELS)

    return start, chain(start)


@pytest.mark.parametrize("labels", [None, tf.constant([0, 1, 1, 0])])
@pytest.mark.parametrize("index", [0, 3])
def test_a_batch_is_the_chain_from_noise_of_its_own_seed(labels, index):
    states = list(make_chains().batch(index, labels, [0, 2, 7]))
    start, end = expected(index, labels)
    np.testing.assert_array_equal(states[0].x, start)
    np.testing.assert_array_equal(states[-1].x, end)


def test_a_batch_does_not_depend_on_what_ran_before_or_is_kept():
    chains = make_chains()
    (alone,) = make_chains().batch(2, None, [7])
    for index in (5, 1):
        list(chains.batch(index, None, [0, 1, 7]))
    *_, after_others = chains.batch(2, None, range(8))
    np.testing.assert_array_equal(alone.x, after_others.x)


def test_batches_differ():
    chains = make_chains()
    (one,) = chains.batch(0, None, [0])
    (other,) = chains.batch(1, None, [0])
    assert np.abs(one.x - other.x).max() > 0.1


def test_xla_gives_the_same_chain_twice_in_the_box():
    (one,) = make_chains(jit=True).batch(0, None, [7])
    *_, other = make_chains(jit=True).batch(0, None, [3, 7])
    np.testing.assert_allclose(one.x, other.x, atol=1e-6)
    assert np.all((one.x >= 0) & (one.x <= 1))


def test_acceptance_is_the_mean_since_the_start():
    config = MalaSampler(num_steps=7, step_size=0.5, noise_std=0.4)
    chains = make_chains(config=config)
    (whole,) = chains.batch(1, None, [7])
    start, _, pieces = chains.batch(1, None, [0, 2, 7])
    np.testing.assert_array_equal(start.accept_prob, 0.0)
    np.testing.assert_allclose(pieces.accept_prob, whole.accept_prob, rtol=1e-6)
    assert np.all((whole.accept_prob > 0.01) & (whole.accept_prob < 0.99))


def test_energy_is_the_bound_energy():
    labels = tf.constant([0, 1, 0, 1])
    x = tf.ones((4, 3))
    energy = make_chains().energy(x, labels)
    np.testing.assert_allclose(energy, [1.5, 0.0, 1.5, 0.0])


@pytest.mark.parametrize(
    "num_steps, num_frames, steps",
    [
        (10, 2, [0, 10]),
        (60, 4, [0, 20, 40, 60]),
        (3, 4, [0, 1, 2, 3]),
        (7, 4, [0, 2, 5, 7]),
    ],
)
def test_frames_are_even_and_include_start_and_end(num_steps, num_frames, steps):
    assert chain_batches.frame_steps(num_steps, num_frames) == steps


@pytest.mark.parametrize("num_frames", [1, 5])
def test_too_few_or_too_many_frames_are_refused(num_frames):
    with pytest.raises(ValueError, match=f"`num_frames`.*num_frames={num_frames}"):
        chain_batches.frame_steps(3, num_frames)


@pytest.mark.parametrize("jit", [False, True], ids=["graph", "xla"])
def test_a_condition_of_several_parts_reaches_the_target(jit):
    def bind_both(condition):
        center = condition["labels"]
        width = condition["noise_level"]
        return lambda x: bind(center)(x) / width

    kernel_at = CONFIG.kernel_at(PIXELS)
    chains = chain_batches.ChainBatches(
        lambda condition: chain_batches.Target(bind_both(condition), kernel_at),
        PIXELS,
        shape=(4, 3),
        seed=SEED,
        jit=jit,
    )
    labels = tf.constant([0, 1, 1, 0])
    condition = {"labels": labels, "noise_level": tf.ones([4])}
    (end,) = chains.batch(2, condition, [7])
    (expected_end,) = make_chains(jit=jit).batch(2, labels, [7])
    np.testing.assert_allclose(end.x, expected_end.x, atol=1e-6)
    condition["noise_level"] = tf.constant([1.0, 2.0, 4.0, 8.0])
    energy = chains.energy(tf.fill((4, 3), 2.0), condition)
    np.testing.assert_allclose(energy, [6.0, 0.75, 0.375, 0.75])
