"""Half of a state of a mixture is known: what the other half is, is known too."""

import math

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import OpenSpace
from ebm_tf.condition_kinds import NoiseLevel
from ebm_tf.sampling.driver import run_chain
from ebm_tf.sampling.inpainting import keep_known
from ebm_tf.sampling.samplers.reverse_diffusion import ReverseDiffusionSampler
from tests.ebm_tf.noised_mixture import NoisedMixture

LEVELS, NUM = NoiseLevel(0.01, 20.0), 3000


def test_the_rest_goes_with_what_is_known():
    # The first coordinate says which mode: the second is of that mode.
    energy = NoisedMixture(
        [[-1.0, -2.0], [1.0, 2.0]], [[0.4, 0.3], [0.4, 0.3]], [0.5, 0.5], LEVELS
    )
    sampler = ReverseDiffusionSampler(num_steps=60, corrections=3, correction_size=0.4)
    space = OpenSpace(mean=0.0, std=1.0)
    known = tf.tile(tf.constant([[0.2, 99.0]]), [NUM, 1])
    mask = tf.constant([[1.0, 0.0]])
    kernel_at = keep_known(
        sampler.kernel_at(space), known, mask, sampler.ladder(LEVELS)
    )

    @tf.function(autograph=False)
    def run(x, seed):
        return run_chain(kernel_at, energy, x, seed, num_steps=60).x

    x = run(tf.zeros((NUM, 2)), rng.make_seed(0)).numpy()
    np.testing.assert_array_equal(x[:, 0], np.float32(0.2))
    upper = x[:, 1] > 0.0
    # p(mode | x0) by Bayes: its log odds are 2 * x0 * 1 / 0.4**2.
    share = 1.0 / (1.0 + math.exp(-2 * 0.2 / 0.16))
    # 4 binomial deviations, and what few steps at a level leave.
    assert abs(upper.mean() - share) < 4 * math.sqrt(share * (1 - share) / NUM) + 0.06
    for mode, rows in ((-2.0, ~upper), (2.0, upper)):
        assert abs(x[rows, 1].mean() - mode) < 0.1
        np.testing.assert_allclose(x[rows, 1].std(), 0.3, rtol=0.2)
