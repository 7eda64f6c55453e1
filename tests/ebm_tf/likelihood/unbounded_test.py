"""Logits keep the mass of the density."""

import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.box import Box
from ebm_tf.energy import analytic
from ebm_tf.likelihood import unbounded

WIDE = Box(low=-1.0, high=3.0, num_levels=None)


def test_pulled_back_energy_has_the_same_z():
    energy = analytic.LinearOnBox([6.0], WIDE)
    pulled = unbounded.pull_back(energy, unbounded.logits(WIDE), event_ndims=1)
    y = tf.linspace(-25.0, 25.0, 20_001)[:, tf.newaxis]
    mass = np.exp(-pulled(y).numpy().astype(np.float64)).sum() * 50.0 / 20_000
    assert math.log(mass) == pytest.approx(energy.log_z(), abs=1e-4)


def test_logits_invert():
    x = tf.constant([[-0.99, 0.0, 2.999]])
    bijector = unbounded.logits(WIDE)
    np.testing.assert_allclose(bijector.forward(bijector.inverse(x)), x, atol=1e-5)
