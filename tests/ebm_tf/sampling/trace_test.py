import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.sampling import langevin, trace
from ebm_tf.sampling.config import LangevinConfig


def quadratic(x):
    return 0.5 * tf.reduce_sum(tf.square(x - 0.3), axis=-1)


def chain_config(num_steps, noise_std=0.1):
    return LangevinConfig(
        num_steps=num_steps, step_size=0.2, noise_std=noise_std, grad_clip=0.4
    )


def start(num=3):
    return tf.linspace([0.0, 0.2], [1.0, 0.8], num)


@pytest.mark.parametrize("every", [1, 3, 4, 12])
def test_kept_states_are_those_of_shorter_chains(every):
    seed = rng.make_seed(5)
    config = chain_config(12)
    states = trace.langevin_trace(quadratic, start(), seed, config, PIXELS, every)
    assert states.shape == (12 // every + 1, 3, 2)
    np.testing.assert_array_equal(states[0], start())
    for k in range(1, 12 // every + 1):
        shorter = chain_config(k * every)
        expected = langevin.langevin_chain(quadratic, start(), seed, shorter, PIXELS)
        np.testing.assert_array_equal(states[k], expected)


@pytest.mark.parametrize("every", [1, 4, 5, 10])
def test_last_state_is_the_chain_s_end_inside_a_graph_too(every):
    config = chain_config(10)

    @tf.function(autograph=False)
    def chain(x, seed):
        return langevin.langevin_chain(quadratic, x, seed, config, PIXELS)

    @tf.function(autograph=False, input_signature=[tf.TensorSpec([None, 2])])
    def states(x):
        return trace.langevin_trace(
            quadratic, x, rng.make_seed(1), config, PIXELS, every
        )

    kept = states(start(4))
    assert kept.shape == (-(-10 // every) + 1, 4, 2)
    np.testing.assert_array_equal(kept[-1], chain(start(4), rng.make_seed(1)))


def test_without_noise_the_states_are_known():
    # Far from the minimum the gradient is clipped to 0.4: each step moves 0.08.
    config = chain_config(4, noise_std=0.0)
    x = tf.constant([[5.0]])
    states = trace.langevin_trace(quadratic, x, rng.make_seed(0), config, None, 2)
    np.testing.assert_allclose(states[:, 0, 0], [5.0, 4.84, 4.68], rtol=1e-6)


def test_no_gradient_reaches_start_or_energy():
    scale = tf.Variable(1.0)
    x = tf.Variable(start())
    with tf.GradientTape() as tape:
        states = trace.langevin_trace(
            lambda x: scale * quadratic(x),
            tf.convert_to_tensor(x),
            rng.make_seed(0),
            chain_config(3),
            PIXELS,
            2,
        )
    assert tape.gradient(states, [scale, x]) == [None, None]


@pytest.mark.parametrize("every", [0, 6])
def test_every_out_of_range_is_refused(every):
    with pytest.raises(ValueError, match=f"`every`.*every={every}"):
        trace.langevin_trace(
            quadratic, start(), rng.make_seed(0), chain_config(5), PIXELS, every
        )
