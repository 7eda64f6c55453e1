"""Dense layers at noise levels, on points."""

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.networks.levels import NoisedBaseConfig
from tests.ebm_tf.energy import level_networks as small


def test_every_weight_has_a_slope_and_levels_differ():
    config = small.mlp(base=NoisedBaseConfig(kind="normal"), num_classes=2)
    energy = build_energy(config, (3,), 0)
    small.stir(energy)
    x, labels = rng.normal(rng.make_seed(0), (4, 3)), tf.constant([0, 1, 0, 1])
    with tf.GradientTape() as tape:
        found = energy(x, {"labels": labels, "noise_level": tf.fill([4], 0.5)})
    slopes = tape.gradient(found, [w.value for w in energy.trainable_weights])
    assert all(np.any(np.asarray(slope) != 0.0) for slope in slopes)
    other = energy(x, {"labels": labels, "noise_level": tf.fill([4], 2.0)})
    assert np.all(np.abs(found - other) > 1e-3)
