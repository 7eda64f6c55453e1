"""Low energy is a likely label."""

import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.losses.classifier import label_cross_entropy


def test_by_hand():
    # exp(-E) = (3, 1) and (1, 1): p(0) = 3/4, p(1) = 1/2.
    energy = tf.Variable([[-math.log(3.0), 0.0], [5.0, 5.0]])
    with tf.GradientTape() as tape:
        loss = label_cross_entropy(energy, tf.constant([0, 1]), global_batch_size=2)
    assert float(loss) == pytest.approx(-math.log(3 / 8) / 2)
    slope = tape.gradient(loss, energy)
    np.testing.assert_allclose(slope, [[0.125, -0.125], [-0.25, 0.25]], rtol=1e-5)
