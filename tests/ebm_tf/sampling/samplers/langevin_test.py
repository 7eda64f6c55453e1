"""The sampler of the paper is its step, clipped and clamped."""

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.sampling.langevin import langevin_step
from ebm_tf.sampling.samplers.langevin import LangevinSampler


def test_its_kernel_is_the_step_and_rejects_nothing():
    config = LangevinSampler(num_steps=1, step_size=0.5, noise_std=0.1, grad_clip=0.3)
    seed = rng.make_seed(2)
    x = PIXELS.uniform(seed, (4, 3))

    def energy_fn(x):
        return tf.reduce_sum(x * x, axis=1)

    moved = config.kernel_at(PIXELS)(0)(energy_fn, x, seed)
    expected = langevin_step(energy_fn, x, seed, config, PIXELS)
    np.testing.assert_array_equal(moved.x, expected)
    np.testing.assert_array_equal(moved.accept_prob, np.ones(4))
