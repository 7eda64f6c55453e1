"""Logits keep the mass of the density; repeated kernels."""

import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import Box
from ebm_tf.energy import analytic
from ebm_tf.likelihood import fold
from ebm_tf.types import Step

WIDE = Box(low=-1.0, high=3.0, num_levels=None)


def test_pulled_back_energy_has_the_same_z():
    energy = analytic.LinearOnBox([6.0], WIDE)
    pulled = fold.pull_back(energy, fold.logits(WIDE), event_ndims=1)
    y = tf.linspace(-25.0, 25.0, 20_001)[:, tf.newaxis]
    mass = np.exp(-pulled(y).numpy().astype(np.float64)).sum() * 50.0 / 20_000
    assert math.log(mass) == pytest.approx(energy.log_z(), abs=1e-4)


def test_logits_invert():
    x = tf.constant([[-0.99, 0.0, 2.999]])
    bijector = fold.logits(WIDE)
    np.testing.assert_allclose(bijector.forward(bijector.inverse(x)), x, atol=1e-5)


def test_repeat_takes_several_steps():
    calls = []

    def kernel(energy_fn, x, seed):
        calls.append(tuple(seed.numpy()))
        return Step(x + 1.0, tf.fill(tf.shape(x)[:1], float(len(calls))))

    step = fold.repeat(kernel, 3)(None, tf.zeros([2]), rng.make_seed(0))
    np.testing.assert_allclose(step.x, [3.0, 3.0])
    np.testing.assert_allclose(step.accept_prob, [2.0, 2.0])
    assert len(set(calls)) == 3
    with pytest.raises(ValueError, match=r"`num` must be at least 1"):
        fold.repeat(kernel, 0)
